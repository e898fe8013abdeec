"""Domain objects as texts and lines that several pages show."""
