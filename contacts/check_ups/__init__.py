"""The check-up with a student's teachers: a message to each at the school's interval, answered with one press.

A round is the enquiries of one student that began on one day (`Enquiry.period`, ISO), so whoever is asked in it is
frozen. Only what needs somebody reaches the keyworker; that all is well is silent.
"""

from typing import Final

KIND: Final = "contacts.check_up"
