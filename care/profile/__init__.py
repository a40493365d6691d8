"""What a teacher reads of a student in a minute: needs, what helps, what was given, what colleagues tried."""
