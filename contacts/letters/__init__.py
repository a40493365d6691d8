"""E-mail and the log: written to home from the record, or sent by staff to the student's secret address."""
