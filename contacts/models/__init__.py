from .contact import ContactHold, HomeContact
from .letter import HomeLetter, IncomingMail, LogAddress, MailFile
from .miss import Miss
from .miss_answer import MissAnswer
from .session import KeyworkSession
from .telling import Digest, DigestChoice

__all__ = [
    "ContactHold",
    "Digest",
    "DigestChoice",
    "HomeContact",
    "HomeLetter",
    "IncomingMail",
    "KeyworkSession",
    "LogAddress",
    "MailFile",
    "Miss",
    "MissAnswer",
]
