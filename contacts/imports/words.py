"""Words that files use for yes and no, for forms, and for where an application stands."""

from __future__ import annotations

import re

from contacts.models import AidStatus, ApplicationPath

YES = {"1", "y", "yes", "true", "t", "x", "si", "on", "checked"}
NO = {"0", "n", "no", "false", "f", "off", "none", "unchecked"}

# Federal Student Aid's and states' words (docs: RULES of the aid forms), mapped to ours.
# A submitted form is not a complete one: rejected and selected forms need action.
STATUSES: dict[str, AidStatus] = {
    **dict.fromkeys(
        (
            "not started",
            "none",
            "no",
            "not filed",
            "not submitted",
            "no application",
            "no fafsa",
            "no record",
            "not on file",
            "n",
        ),
        AidStatus.NOT_STARTED,
    ),
    **dict.fromkeys(
        ("in progress", "started", "draft", "incomplete", "partial", "begun", "saved"),
        AidStatus.IN_PROGRESS,
    ),
    **dict.fromkeys(
        (
            "submitted",
            "filed",
            "received",
            "in review",
            "under review",
            "processing",
            "submitted not complete",
            "pending",
        ),
        AidStatus.SUBMITTED,
    ),
    **dict.fromkeys(
        (
            "action needed",
            "action required",
            "rejected",
            "missing signature",
            "missing signatures",
            "missing consent",
            "missing information",
            "needs signature",
            "selected for verification",
            "verification",
            "correction needed",
            "needs correction",
            "error",
            "errors",
        ),
        AidStatus.ACTION_NEEDED,
    ),
    **dict.fromkeys(
        (
            "completed",
            "complete",
            "processed",
            "processed complete",
            "done",
            "finished",
            "yes",
            "y",
            "processed successfully",
        ),
        AidStatus.COMPLETED,
    ),
}

FAMILY = {
    "mother", "father", "parent", "guardian", "legal guardian", "mom", "dad", "stepmother",
    "stepfather", "step mother", "step father", "step parent", "stepparent", "grandmother",
    "grandfather", "grandparent", "aunt", "uncle", "foster mother", "foster father",
    "foster parent", "parent guardian", "mother guardian", "father guardian", "brother", "sister",
    "sibling", "cousin", "relative", "other relative", "spouse", "self", "madre", "padre", "tutor",
    "tutora", "abuela", "abuelo", "tia", "tio", "host parent", "adoptive mother",
    "adoptive father", "adoptive parent", "custodial parent", "non custodial parent", "parents",
}  # fmt: skip

# Named for emergencies or by their office: a student's aid is no business of theirs.
STRANGERS = {
    "emergency", "emergency contact", "emergency only", "neighbor", "neighbour", "friend",
    "family friend", "friend of family", "doctor", "physician", "pediatrician", "dentist",
    "hospital", "clinic", "babysitter", "sitter", "daycare", "day care", "daycare provider",
    "child care", "childcare", "childcare provider", "nanny", "coworker", "co worker", "employer",
    "administrator", "aide", "teacher", "counselor", "landlord", "coach", "school", "police",
    "probation officer", "insurance", "child", "student",
}  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())


def is_relationship(text: str) -> bool:
    """True for a word that says who somebody is to a student."""
    return _plain(text) in FAMILY or _plain(text) in STRANGERS


def is_stranger(relationship: str) -> bool:
    """True for a neighbour, a doctor and others who are named for emergencies only."""
    return _plain(relationship) in STRANGERS


def yes_or_no(text: str) -> bool | None:
    """True, False, or None for a word that says neither."""
    word = text.strip().lower()
    return True if word in YES else False if word in NO else None


def status(text: str) -> AidStatus | None:
    """Our status for a file's word, or None if it is not in the table."""
    return STATUSES.get(_plain(text))


def path(text: str) -> ApplicationPath | None:
    """The form meant; only an exact name counts, nothing is inferred from anything else."""
    word = text.strip().lower()
    if word in {"fafsa", "wasfa"}:
        return ApplicationPath(word)
    if word in {"", "unspecified", "unknown", "either", "undecided", "not specified"}:
        return ApplicationPath.UNSPECIFIED
    return None
