"""Letters and e-mails: made, fetched, waiting."""
