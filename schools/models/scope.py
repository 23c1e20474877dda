"""The places and languages that a person's memberships name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Primary keys of places, and codes of languages; empty for a stranger."""

    schools: frozenset[int] = frozenset()
    districts: frozenset[int] = frozenset()
    regions: frozenset[int] = frozenset()
    states: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
