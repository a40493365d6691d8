from .contact import ContactHold, HomeContact
from .miss import Miss
from .session import KeyworkSession

__all__ = ["ContactHold", "HomeContact", "KeyworkSession", "Miss"]
