"""Properties may be slow on a busy machine; that is no fault of the rules."""

from hypothesis import settings

settings.register_profile("keywork", deadline=None)
settings.load_profile("keywork")
