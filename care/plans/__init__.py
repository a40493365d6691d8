"""The plans a keyworker keeps: their kinds, versions, and who has read which."""

TO_READ = (
    "care.plan"  # the kind of enquiry that asks somebody to read a version: its `period` is the key of that
)
