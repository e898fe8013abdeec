"""The funds' terms."""
