"""The start page and what waits there for its reader."""
