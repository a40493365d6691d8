"""Asking a colleague to do something about an entry of the log, and hearing what came of it: an enquiry of its own kind."""
