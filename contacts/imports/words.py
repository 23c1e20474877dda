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


def yes_or_no(text: str) -> bool | None:
    """True, False, or None for a word that says neither."""
    word = text.strip().lower()
    return True if word in YES else False if word in NO else None


def status(text: str) -> AidStatus | None:
    """Our status for a file's word, or None if it is not in the table."""
    return STATUSES.get(" ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split()))


def path(text: str) -> ApplicationPath | None:
    """The form meant; only an exact name counts, nothing is inferred from anything else."""
    word = text.strip().lower()
    if word in {"fafsa", "wasfa"}:
        return ApplicationPath(word)
    if word in {"", "unspecified", "unknown", "either", "undecided", "not specified"}:
        return ApplicationPath.UNSPECIFIED
    return None
