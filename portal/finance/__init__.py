"""What leaves the portal as tables for finance: columns as data, text to and from rows. Judges nothing."""
