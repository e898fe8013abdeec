"""Documents that people attach: which files are sound, and how they are looked through before they are kept."""
