from .contact import ContactHold, HomeContact
from .miss import Miss
from .miss_answer import MissAnswer
from .session import KeyworkSession
from .telling import Digest, DigestChoice

__all__ = ["ContactHold", "Digest", "DigestChoice", "HomeContact", "KeyworkSession", "Miss", "MissAnswer"]
