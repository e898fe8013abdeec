"""Funds as data: the scheme files, what reads and checks them, and what puts findings into words."""
