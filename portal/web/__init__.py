"""HTTP: one blueprint a subject, and around them render, guard, current, language, sessions, security and errors."""
