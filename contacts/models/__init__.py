from .contact import ContactHold, HomeContact
from .digest import Digest, DigestChoice
from .holiday import Briefing, BriefingReader, HolidayWeek
from .letter import HomeLetter, IncomingMail, LogAddress, MailFile
from .mentoring import DropInTime, MentoringSlot
from .miss import Miss, MissAnswer
from .session import KeyworkSession

__all__ = [
    "Briefing",
    "BriefingReader",
    "ContactHold",
    "Digest",
    "DigestChoice",
    "DropInTime",
    "HolidayWeek",
    "HomeContact",
    "HomeLetter",
    "IncomingMail",
    "KeyworkSession",
    "LogAddress",
    "MailFile",
    "MentoringSlot",
    "Miss",
    "MissAnswer",
]
