"""What can go wrong with a roster service, told to the person who can mend it."""

from __future__ import annotations


class RosterError(Exception):
    """The roster could not be fetched; nothing was changed. The message says the mend.

    It never holds a secret, a token, or anything that the service sent.
    """
