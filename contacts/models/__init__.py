from .contact import ContactHold, HomeContact
from .miss import Miss
from .session import KeyworkSession
from .telling import Digest

__all__ = ["ContactHold", "Digest", "HomeContact", "KeyworkSession", "Miss"]
