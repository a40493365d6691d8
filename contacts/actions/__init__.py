"""Every write to the key worker log: atomic, keyword-only, with who did it."""
