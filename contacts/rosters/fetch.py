"""A district's roster, fetched from its service and imported as a whole."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.imports import oneroster, readers
from contacts.imports.oneroster.store import Store
from contacts.imports.problems import BadFile
from contacts.imports.readers import Table
from contacts.imports.run import Report, run_table
from contacts.models import ContactImport, RosterService, Student
from contacts.rosters import objects
from contacts.rosters.client import Client, Json, Refused
from contacts.rosters.problems import RosterError
from schools import audit, faults
from schools.models import District, User

logger = logging.getLogger(__name__)

AT_ONCE = 1_000
MOST_LEAVERS = 5  # one in so many present students


class TooManyLeave(RosterError):
    """More students would be marked as left than leave overnight: often half a roster."""


def fetch(
    service: RosterService,
    *,
    now: dt.datetime,
    by: User | None = None,
    dry_run: bool = False,
    anyway: bool = False,
) -> Report:
    """Fetches and imports a district's roster in one transaction, and notes how it went.

    `dry_run` only counts. Where more than a fifth of the present students would be marked as
    left, nothing changes unless a person says `anyway`. Raises RosterError.
    """
    try:
        with client_of(service) as client:
            report = _import(service, client, now=now, by=by, dry_run=dry_run, anyway=anyway)
    except (RosterError, BadFile) as error:
        too_many = isinstance(error, TooManyLeave)
        _note(service, last_tried_at=now, last_error=str(error), summary={"too_many": too_many})
        raise error if isinstance(error, RosterError) else RosterError(str(error)) from None
    except Exception as error:
        logger.error("A roster could not be fetched: %s", faults.without_words(error))
        why = _("Something went wrong on our side; nothing was changed. Please try again.")
        _note(service, last_tried_at=now, last_error=why, summary={})
        raise RosterError(why) from None
    too_many = dry_run and are_too_many(report.left, _present(service.district))
    summary = {**report.counts(), "tried": dry_run, "too_many": too_many}
    _note(service, last_tried_at=now, last_error="", summary=summary)
    if not dry_run:
        _note(service, last_fetched_at=now)
    return report


def client_of(service: RosterService) -> Client:
    """The client that the district registered. Raises RosterError where it is not complete."""
    if not service.client_secret:
        raise RosterError(_("Enter the client secret first."))
    return Client(
        service.url,
        service.token_url,
        service.client_id,
        service.client_secret,
        local=local_allowed(),
    )


def local_allowed() -> bool:
    """May a service run on this very machine, over plain http? Only while developing."""
    return bool(getattr(settings, "ROSTERS_ON_THIS_MACHINE", settings.DEBUG))


def table(client: Client, district: District) -> Table:
    """What the service holds, as the same table that a zip makes. Raises RosterError, BadFile."""
    store = Store(district)
    store.add_orgs(enumerate(map(objects.org, client.rows("orgs"))))
    numbers = itertools.count(1)
    for page in _pages(client.rows("users")):
        users, roles = zip(*map(objects.user, page), strict=True)
        if not all(user.get("sourcedid") for user in users):
            raise RosterError(_("The service sends users without a sourcedId. Ask its maker."))
        numbered = [(next(numbers), user) for user in users]
        if numbered[-1][0] > readers.MAX_ROWS:
            raise RosterError(_("The service sends more users than a district has."))
        store.add_users(numbered, objects.headers(users))
        store.add_roles((0, role) for each in roles for role in each)
    try:
        for page in _pages(client.rows("demographics")):
            rows = [objects.demographics(each) for each in page]
            store.add_demographics(((0, row) for row in rows), objects.headers(rows))
    except Refused:
        logger.info("The roster service of district %s shows no demographics", district.nces_id)
    if not store.all_placed():
        try:
            enrolments = map(objects.enrolment, client.rows("enrollments"))
            store.add_enrolments(enumerate(enrolments))
        except Refused:
            logger.info("The roster service of district %s shows no enrolments", district.nces_id)
    return oneroster.table(store)


def _pages(rows: Iterator[Json]) -> Iterator[list[Json]]:
    while page := list(itertools.islice(rows, AT_ONCE)):
        yield page


def _import(
    service: RosterService,
    client: Client,
    *,
    now: dt.datetime,
    by: User | None,
    dry_run: bool,
    anyway: bool,
) -> Report:
    district = service.district
    fetched = table(client, district)
    name = _("Roster service, %(day)s") % {"day": timezone.localdate(now).isoformat()}
    if dry_run:
        return run_table(fetched, name=name, district=district, dry_run=True, by=by, now=now)
    with transaction.atomic():
        present = _present(district)
        upload = ContactImport.objects.create(
            district=district,
            uploaded_by=by,
            file_name=name,
            kind=ContactImport.Kind.ROSTER,
            state=ContactImport.State.DONE,
            mapping={header: header for header in fetched.headers},
            finished_at=now,
        )
        report = run_table(fetched, name=name, district=district, by=by, now=now, upload=upload)
        if are_too_many(report.left, present) and not anyway:
            raise TooManyLeave(
                _(
                    "Nothing was changed: %(left)s of %(present)s students would be marked as "
                    "left. If that is right, fetch it by hand and say so."
                )
                % {"left": report.left, "present": present}
            )
        if not (report.created or report.updated or report.left):
            upload.delete()  # a night in which nothing changed; it must not stand above others
            return report
        upload.summary = report.counts()
        upload.problems_text = json.dumps([problem.as_dict() for problem in report.problems])
        upload.save()
        counts = {key: n for key, n in report.counts().items() if isinstance(n, int)}
        audit.record(by, "contacts.imported", f"import {upload.pk}", district=district, **counts)
    return report


def are_too_many(left: int, present: int) -> bool:
    """True if more than a fifth of the present students would be marked as left."""
    return left * MOST_LEAVERS > present


def _present(district: District) -> int:
    return Student.objects.filter(district=district).present().count()


def _note(service: RosterService, **values: object) -> None:
    for name, value in values.items():
        setattr(service, name, value)
    service.save(update_fields=list(values))
