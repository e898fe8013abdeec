"""Letters as PDF/A-2a and PDF/UA-1: what they say (composing), how they look (letter.typ) and when they are made."""
