"""What home contacts and keywork sessions owe: the first two duties of the contract (keywork.duties)."""

from .home import HomeContactDuty, HomeContactState
from .session import SessionDuty, SessionState

__all__ = ["HomeContactDuty", "HomeContactState", "SessionDuty", "SessionState"]
