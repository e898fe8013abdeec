"""Batches of payments and the finance system's file."""
