"""What other rooms may want to know of campaigns."""

from django.dispatch import Signal

# Sent inside the transaction of a launch, after the arms are drawn and before anything is sent:
# `campaign`, `now`.
launched = Signal()
