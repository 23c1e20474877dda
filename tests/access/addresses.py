"""Every URL of Aidbeacon, found in the resolver, and what its parameters may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.places import Place

Sample = Callable[[Place], dict[str, Any]]

# A new URL with parameters needs a line: what they are at a place.
SAMPLES: dict[str, Sample] = {
    "person": lambda at: {"pk": at.counselor.pk},
    "role-take": lambda at: {"pk": at.membership.pk},
    "district-settings": lambda at: {"nces_id": at.district.nces_id},
    "district-sending": lambda at: {"nces_id": at.district.nces_id},
    "district-address": lambda at: {"nces_id": at.district.nces_id},
    "address-proof": lambda at: {"token": "nothing"},
    "blackout-remove": lambda at: {"pk": at.blackout.pk},
    "deadline-remove": lambda at: {"pk": at.deadline.pk},
    "contact-import": lambda at: {"pk": at.upload.pk},
    "contact-import-problems": lambda at: {"pk": at.upload.pk},
    "contact": lambda at: {"pk": at.guardian.pk},
    "student": lambda at: {"pk": at.student.pk},
    "student-status": lambda at: {"pk": at.student.pk},
    "contact-point-opt-out": lambda at: {"pk": at.phone.pk},
    "contact-edit": lambda at: {"pk": at.guardian.pk},
    "contact-add-address": lambda at: {"pk": at.guardian.pk},
    "contact-give-back": lambda at: {"pk": at.guardian.pk},
    "contact-merge": lambda at: {"pk": at.guardian.pk},
    "status-question": lambda at: {"pk": at.question.pk},
    "status-conflict": lambda at: {"pk": at.student.pk},
    "contact-double": lambda at: {"pk": at.double.pk},
    "contact-point-take-away": lambda at: {"pk": at.phone.pk},
    "contact-point-line": lambda at: {"pk": at.phone.pk},
    "student-edit": lambda at: {"pk": at.student.pk},
    "student-give-back": lambda at: {"pk": at.student.pk},
    "contact-hand-over": lambda at: {"pk": at.guardian.pk},
    "contact-erase": lambda at: {"pk": at.guardian.pk},
    "student-hand-over": lambda at: {"pk": at.student.pk},
    "student-erase": lambda at: {"pk": at.student.pk},
    "contact-point-consent": lambda at: {"pk": at.phone.pk},
    "student-merge": lambda at: {"pk": at.student.pk},
    "student-tags": lambda at: {"pk": at.student.pk},
    "student-keep": lambda at: {"pk": at.student.pk},
    "retention-district": lambda at: {"nces_id": at.district.nces_id},
    "roster-service": lambda at: {"nces_id": at.district.nces_id},
    "guardianship-permission": lambda at: {"pk": at.tie.pk},
    "campaign": lambda at: {"pk": at.running.pk},
    "campaign-progress": lambda at: {"pk": at.running.pk},
    "campaign-pause": lambda at: {"pk": at.running.pk},
    "campaign-resume": lambda at: {"pk": at.running.pk},
    "campaign-cancel": lambda at: {"pk": at.running.pk},
    **dict.fromkeys(
        [f"campaign-{part}" for part in ("what", "who", "who-count", "when", "review", "launch")]
        + ["campaign-words", "campaign-words-preview", "campaign-test"],
        lambda at: {"pk": at.draft.pk},
    ),
    **dict.fromkeys(
        ["campaign-step", "campaign-step-now", "campaign-step-remove"],
        lambda at: {"pk": at.draft.pk, "position": 1},
    ),
    **dict.fromkeys(
        ["campaign-rule", "campaign-audience-save", "campaign-audience-use"],
        lambda at: {"pk": at.draft.pk},
    ),
    "campaign-file": lambda at: {"pk": at.running.pk},
    "campaign-pack": lambda at: {"pk": at.running.pk},
    "pack-withdraw": lambda at: {"pk": at.pack.pack_id},
    "pack-adopt": lambda at: {"pk": at.pack.pk},
    "pack-version-file": lambda at: {"pk": at.pack.pk},
    "campaign-step-add": lambda at: {"pk": at.draft.pk},
    "campaign-cap": lambda at: {"pk": at.draft.pk},
    "uncertain-settle": lambda at: {"pk": at.message.pk},
    "district-senders": lambda at: {"nces_id": at.district.nces_id},
    "sender-stop": lambda at: {"pk": at.sender.pk},
    "inbox-thread": lambda at: {"pk": at.guardian.pk},
    **dict.fromkeys(
        [f"inbox-{part}" for part in ("handled", "assign", "snooze", "opt-out")],
        lambda at: {"pk": at.guardian.pk},
    ),
    "translation": lambda at: {"pk": at.text.pk},
    "library": lambda at: {"language": "es"},
    "library-sentences": lambda at: {"language": "es", "kind": "answers"},
    "library-sentence": lambda at: {"language": "es", "kind": "answers", "name": "nothing"},
    "library-text": lambda at: {
        "language": "es",
        "pack": "form-opens",
        "step": 1,
        "channel": "sms",
    },
    "completion-campaign": lambda at: {"pk": at.running.pk},
    "completion-source": lambda at: {"pk": at.source.pk},
    "completion-take-back": lambda at: {"pk": at.source.pk},
    "completion-columns": lambda at: {"pk": at.held.pk},
    "completion-match": lambda at: {"pk": at.unplaced.pk},
    "completion-match-again": lambda at: {"pk": at.school_name.pk},
    "completion-state": lambda at: {"code": at.school.state_id},
    "completion-region": lambda at: {"code": at.district.region.code},
    "completion-county": lambda at: {"fips": at.county.fips},
    "completion-district": lambda at: {"nces_id": at.district.nces_id},
    "completion-public": lambda at: {"code": at.district.region.code},
    "completion-public-switch": lambda at: {"code": at.district.region.code},
    "completion-api-take-back": lambda at: {"pk": at.token.pk},
    **dict.fromkeys(["api-states", "api-states-schools"], lambda at: {"key": at.school.state_id}),
    **dict.fromkeys(
        ["api-regions", "api-regions-schools"], lambda at: {"key": at.district.region.code}
    ),
    **dict.fromkeys(["api-counties", "api-counties-schools"], lambda at: {"key": at.county.fips}),
    **dict.fromkeys(
        ["api-districts", "api-districts-schools"], lambda at: {"key": at.district.nces_id}
    ),
    "api-school": lambda at: {"nces_id": at.school.nces_id},
    "completion-school": lambda at: {"nces_id": at.school.nces_id},
    "completion-school-enrolment": lambda at: {"nces_id": at.school.nces_id},
    # Keys that nobody was given; good ones are tested where they are made.
    "demo-sign-in": lambda at: {"key": "owner"},
    "family": lambda at: {"token": "AAAAAAAAAAAAAAAAAAA"},
    "family-calendar": lambda at: {"token": "AAAAAAAAAAAAAAAAAAA"},
    "link": lambda at: {"code": "AAAAAAAAAAAAAAAA"},
    "completion-digest-stop": lambda at: {"token": "1.unsigned"},
    "unsubscribe": lambda at: {"token": "AAAAAAAAAAAAAAAAAAA"},
    "mailbox-confirm": lambda at: {"token": "AAAAAAAAAAAAAAAAAAA"},
    "account_confirm_email": lambda at: {"key": "unknown"},
    "account_reset_password_from_key": lambda at: {"uidb36": "1", "key": "unknown-key"},
}

# What answers without a sign-in, and why.
PUBLIC = {
    # signing in
    "account_login", "account_logout", "account_inactive", "account_signup",
    "account_email_verification_sent", "account_reset_password", "account_confirm_login_code",
    "account_confirm_email", "account_reset_password_from_key_done", "account_reset_password_done",
    "account_reset_password_from_key", "mfa_authenticate", "demo-sign-in",
    # a reader's own choices, kept in cookies
    "theme", "set_language",
    # families hold a signed link; providers sign what they send
    "family", "family-calendar", "link", "mailbox-confirm", "unsubscribe", "completion-digest-stop",
    # opened on a district's new host by whoever sets it up, with a signed link
    "address-proof",
    "twilio-status", "twilio-inbound", "sendgrid-events", "sendgrid-inbound",
    # a region's totals, once an administrator has made them public
    "completion-public",
    # monitors
    "healthz", "readyz", "metrics",
}  # fmt: skip

# Texts to translate and public counts have no family in them; the first are for whoever reads
# the language, wherever that is.
NO_FAMILYS = {"translation", "library", "library-sentences", "library-sentence", "library-text"}


def patterns() -> dict[str, frozenset[str]]:
    """Each URL's name and its parameters."""
    return dict(_walk(get_resolver().url_patterns))


def _walk(level: list[Any]) -> Iterator[tuple[str, frozenset[str]]]:
    for each in level:
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield each.name or str(each.pattern), frozenset(each.pattern.regex.groupindex)


def without_parameters(*, own: bool = False) -> list[str]:
    """URLs that need no sample; only Aidbeacon's `own`, or with those of the sign-in library."""
    library = reverse("account_login").removesuffix("login/")
    urls = [reverse(name) for name, given in patterns().items() if not given]
    return [url for url in urls if not (own and url.startswith(library))]


def at(place: Place, *, public: bool = True) -> dict[str, str]:
    """Name → URL of each pattern with parameters, at a place."""
    return {
        name: reverse(name, kwargs=SAMPLES[name](place))
        for name, given in patterns().items()
        if given and (public or name not in PUBLIC)
    }
