"""Faults injected into a running Keywork, counted: `make faults`, not part of the suite."""
