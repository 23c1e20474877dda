"""Where a student stands, as a short list: what is done, what comes now, what comes later.

It names the student's own form only; no form on record means both, side by side. The WASFA is
Washington's, so elsewhere no form on record means the FAFSA.
"""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.words.family_words import family_text
from contacts.models import AidStatus, ApplicationPath, Student

FAFSA, WASFA = "FAFSA", "WASFA"

CHOOSE = family_text(
    "Choose one form: the FAFSA at StudentAid.gov, or the WASFA at wsac.wa.gov/wasfa if the "
    "student cannot or chooses not to file the FAFSA. Nobody needs both."
)
FAFSA_ACCOUNTS = family_text(
    "For the FAFSA, the student and each parent who takes part make their own account at "
    "StudentAid.gov, some days before. A parent needs no Social Security number for it."
)
WASFA_ACCOUNT = family_text(
    "The WASFA is Washington’s own form for state aid. The student makes an account at "
    "wsac.wa.gov/wasfa."
)
FILL = family_text("Fill in the form together. Everyone who is asked must consent and sign.")
WATCH = family_text(
    "Look at your e-mail: sometimes one more thing is asked. A sent form is not yet a complete one."
)
MEND = family_text(
    "Sign in and read what is asked: often a signature, a consent, or a paper. It can be mended."
)
COMPARE = family_text("When colleges send their offers, compare what each would really cost you.")

LEADS = {
    AidStatus.SUBMITTED: family_text("The application is sent."),
    AidStatus.ACTION_NEEDED: family_text("One more step is needed. The school helps you."),
    AidStatus.COMPLETED: family_text("The application is complete. Well done!"),
}
NEXT_FORM = family_text("Next: the %(form)s. It is free.")
NEXT_OF_BOTH = family_text("Next: the FAFSA or the WASFA. Both are free, and you need only one.")

# The step that each status has come to.
REACHED = {
    AidStatus.IN_PROGRESS: FILL,
    AidStatus.SUBMITTED: WATCH,
    AidStatus.ACTION_NEEDED: MEND,
    AidStatus.COMPLETED: COMPARE,
}


@dataclass(frozen=True)
class Item:
    """One line of the list, whose text families.po translates."""

    text: str
    state: str  # done, now, later


@dataclass(frozen=True)
class Standing:
    """One student's part of the page."""

    name: str
    lead: str
    form: str
    items: list[Item]


def standing(student: Student) -> Standing:
    """What a family reads of one student."""
    status = AidStatus(student.aid_status)
    form = form_of(student)
    lead = LEADS.get(status) or (NEXT_FORM if form else NEXT_OF_BOTH)
    return Standing(student.first_name, lead, form, items(status, form))


def form_of(student: Student) -> str:
    """The one form that the student's page speaks of; "" for both."""
    match student.path:
        case ApplicationPath.FAFSA:
            return FAFSA
        case ApplicationPath.WASFA:
            return WASFA
    state = student.school.state
    return "" if state.code == "WA" or state.made_up else FAFSA


def items(status: AidStatus, form: str) -> list[Item]:
    """The steps from the first to the last, with where a student of this status has come."""
    steps = [] if form else [CHOOSE]
    steps += [WASFA_ACCOUNT if form == WASFA else FAFSA_ACCOUNTS, FILL]
    steps += [MEND if status == AidStatus.ACTION_NEEDED else WATCH, COMPARE]
    now = steps.index(REACHED.get(status, steps[0]))
    return [
        Item(step, "done" if at < now else "now" if at == now else "later")
        for at, step in enumerate(steps)
    ]
