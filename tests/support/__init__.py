"""What the tests stand on: databases, a browser, a mail server; nothing about the portal itself."""
