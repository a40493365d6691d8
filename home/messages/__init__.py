"""Messages between somebody at home and the keyworker; each is a contact in the log."""
