"""docs/operations.md as written, with the servers of Debian."""
