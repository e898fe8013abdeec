"""The rules of course funding: pure Python, no clock, no files, no web, no database."""
