"""What staff did cannot be altered unseen."""

from __future__ import annotations

import re
import threading

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from schools import audit
from schools.actions import ACTIONS
from schools.models import AuditEntry, Role
from schools.models.append_only import NeverChanged
from tests import builders


def three_entries() -> list[AuditEntry]:
    return [
        audit.record(None, "campaign.launched", f"campaign {n}", segments=n, tags=["a", "b"])
        for n in range(3)
    ]


def alter(sql: str, *values: object) -> None:
    """What someone with the database's password could do."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_an_untouched_record_holds() -> None:
    assert audit.verify() is None
    three_entries()
    assert audit.verify() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [("action", "campaign.paused"), ("subject", "campaign 9"), ("details", '{"segments": 9}')],
)
def test_a_changed_entry_is_found(column: str, value: str) -> None:
    entries = three_entries()
    alter(f"UPDATE schools_auditentry SET {column} = %s WHERE id = %s", value, entries[1].pk)
    assert audit.verify() == entries[1]


@pytest.mark.django_db
def test_an_entry_taken_out_is_found_at_its_successor() -> None:
    entries = three_entries()
    alter("DELETE FROM schools_auditentry WHERE id = %s", entries[1].pk)
    assert audit.verify() == entries[2]


@pytest.mark.django_db
def test_the_program_itself_can_neither_change_nor_delete_an_entry() -> None:
    entry = three_entries()[0]
    for attempt in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(action="nothing"),
    ):
        with pytest.raises(NeverChanged):
            attempt()


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time"
)
@pytest.mark.django_db(transaction=True)
def test_entries_written_at_once_follow_each_other() -> None:
    ready = threading.Barrier(8)

    def write(number: int) -> None:
        ready.wait()
        for _again in range(10):
            audit.record(None, "message.sent", f"message {number}")
        connections.close_all()

    threads = [threading.Thread(target=write, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AuditEntry.objects.count() == 80
    assert audit.verify() is None


@pytest.mark.django_db
def test_an_administrator_reads_the_record_of_their_own_district_only(client: Client) -> None:
    ours, theirs = builders.a_district(), builders.a_district()
    audit.record(None, "campaign.launched", "campaign 71", district=ours)
    audit.record(None, "campaign.launched", "campaign 72", district=theirs)
    audit.record(None, "person.erased", "a person 73")
    client.force_login(builders.a_user(Role.DISTRICT_ADMINISTRATOR, ours))
    page = client.get(reverse("audit"), {"check": 1}).content.decode()
    assert "campaign 71" in page
    assert "campaign 72" not in page
    assert "person 73" not in page


@pytest.mark.django_db
def test_the_owner_learns_which_entry_was_altered(client: Client) -> None:
    entries = three_entries()
    client.force_login(builders.a_user())
    assert client.get(reverse("audit"), {"check": 1}).context["broken"] is None
    alter("UPDATE schools_auditentry SET subject = 'x' WHERE id = %s", entries[2].pk)
    answer = client.get(reverse("audit"), {"check": 1})
    assert answer.context["broken"] == entries[2]
    assert str(entries[2].pk) in answer.content.decode()


def test_each_action_in_the_code_is_told_in_words() -> None:
    named = re.compile(r'"([a-z]+\.[a-z_]+)"')  # also where a variable carries it
    rooms = ("schools", "contacts", "campaigns", "completion", "config")
    files = (path for room in rooms for path in (settings.BASE_DIR / room).rglob("*.py"))
    texts = (path.read_text(encoding="utf-8") for path in files)
    used = {action for text in texts if "audit.record(" in text for action in named.findall(text)}
    assert len(used) > 10
    assert used <= ACTIONS.keys()
