"""Tracking Social Progress of the demo school: what every student's terms look like, and how the cast stand today.

`words_*` hold what people say, `profile` how ratings develop, and the others make rows for COPY; `write` is the
only one that touches the database.
"""
