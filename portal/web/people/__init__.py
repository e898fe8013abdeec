"""Who is who: people, seats, the log."""
