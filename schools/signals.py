"""What other rooms may want to know of places."""

from django.dispatch import Signal

# Sent inside the transaction that loads a state's reference data, after it: `state`, its code.
reference_loaded = Signal()
