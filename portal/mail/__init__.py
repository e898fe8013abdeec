"""E-mails: what they say (notices), how they are put together (message), and their way to the mail server (relay)."""
