"""What others hear of the outbox."""

from django.dispatch import Signal

# Sent again and again while what is no mail is being done: its worker's own sign of life would wait in the queue behind it.
printing = Signal()
