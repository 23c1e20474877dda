"""Nothing leaves this machine: a message is kept where a person can read it, in the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from campaigns.transports import Outcome, Parcel, Result


class Sandbox:
    name = "sandbox"
    most = 500

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """Accepts everything; the stored message is all that there is."""
        for parcel in parcels:
            yield Outcome(parcel.message_id, Result.ACCEPTED, f"sandbox-{parcel.message_id}")

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """An unsettled message was never shown to anyone."""
        for parcel in parcels:
            yield Outcome(parcel.message_id, Result.ABSENT)
