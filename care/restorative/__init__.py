"""Asking another student's keyworker to take part after a conflict, without naming anybody of one's own."""
