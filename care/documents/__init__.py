"""Documents filed to a record: behaviour, intervention and agency reports, progress notes, e-mails."""

READ_TEXT = "care.read_text"  # the job that reads the words of a filed PDF
