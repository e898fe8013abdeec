"""WTForms: reading what was typed, not judging it; templates print the fields with macros, many times quicker."""
