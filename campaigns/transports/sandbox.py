"""Carries nothing anywhere: the outbox row itself is what would have been sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from campaigns.transports import Fate, Outcome, Parcel


class Sandbox:
    name = "sandbox"

    def send(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        return [Outcome(p.message, Fate.ACCEPTED, f"sandbox-{p.message}") for p in parcels]

    def find(self, parcels: Sequence[Parcel]) -> Iterable[Outcome]:
        """An outcome that was not stored never happened: nothing left this machine."""
        return [Outcome(parcel.message, Fate.NOT_SENT) for parcel in parcels]
