from .contact import ContactHold, HomeContact
from .miss import Miss
from .session import KeyworkSession
from .telling import Digest, DigestChoice

__all__ = ["ContactHold", "Digest", "DigestChoice", "HomeContact", "KeyworkSession", "Miss"]
