"""Regions, a district's rules, and what is wrong with an install."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import WorkerHeartbeat
from contacts import crypto
from schools import checks
from schools.models import AuditEntry, District, Region, User
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return builders.a_district(region=builders.a_region(), region_inferred=True)


def confirm(client: Client, district: District, region: Region | None) -> int:
    chosen = {"district": district.nces_id, "region": region.code if region else ""}
    return client.post(f"{reverse('regions')}?state=ZZ&q=Dis", chosen).status_code


@pytest.mark.usefixtures("owner")
def test_saving_a_districts_region_confirms_it(client: Client, district: District) -> None:
    other = builders.a_region()
    assert ">Confirm<" in client.get(reverse("regions"), {"state": "ZZ"}).content.decode()
    assert confirm(client, district, other) == 302
    district.refresh_from_db()
    assert (district.region, district.region_inferred, district.region_edited) == (
        other, False, True,
    )  # fmt: skip
    assert AuditEntry.objects.get().district == district
    assert ">Confirm<" not in client.get(reverse("regions"), {"state": "ZZ"}).content.decode()


@pytest.mark.usefixtures("owner")
def test_a_district_joins_no_other_states_region(client: Client, district: District) -> None:
    abroad = builders.a_region(state=builders.a_state("YY"))
    assert confirm(client, district, abroad) == 404
    district.refresh_from_db()
    assert district.region_inferred


@pytest.mark.usefixtures("administrator")
def test_regions_are_the_owners_to_set(client: Client, district: District) -> None:
    assert client.get(reverse("regions")).status_code == 403
    assert confirm(client, district, None) == 403


RULES = {
    "sms_needs_opt_in": "on",
    "quiet_until": "09:00",
    "quiet_from": "19:30",
    "answers_from": "08:00",
    "answers_until": "16:00",
    "time_zone": "America/New_York",
    "help_phone": "(360) 555-0199",
    "postal_address": "2 Harbor Street, Beacon, ZZ 98000",
}


def test_an_administrator_sets_the_districts_rules(
    client: Client, administrator: User, district: District
) -> None:
    answer = client.post(reverse("district-settings", args=[district.nces_id]), RULES)
    assert answer.status_code == 302
    district.refresh_from_db()
    assert district.sms_needs_opt_in
    assert (district.quiet_until, district.quiet_from) == (dt.time(9), dt.time(19, 30))
    assert district.zone == "America/New_York"
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.district) == (administrator, district)
    assert "555" not in str(entry.details)


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Beacon"}, {"quiet_until": "20:00"}, {"quiet_until": "noon"}],
)
def test_a_rule_that_makes_no_sense_changes_nothing(
    client: Client, district: District, wrong: dict[str, str]
) -> None:
    answer = client.post(reverse("district-settings", args=[district.nces_id]), RULES | wrong)
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() <= {*wrong, "quiet_from"}
    district.refresh_from_db()
    assert not district.sms_needs_opt_in


@pytest.mark.usefixtures("administrator")
def test_what_is_wrong_with_the_install_is_the_owners_to_read(client: Client) -> None:
    assert "POSTAL_ADDRESS" not in client.get(reverse("settings")).content.decode()
    client.force_login(builders.a_user())
    assert "POSTAL_ADDRESS" in client.get(reverse("settings")).content.decode()


def wrong() -> dict[str, str]:
    """Name → mend of what the doctor finds."""
    return {each.name: str(each.mend) for each in checks.run() if not each.ok}


@pytest.fixture
def live(settings: Any) -> Any:
    """An install in which nothing is wrong."""
    settings.TRANSPORT = "live"
    settings.SECRET_KEY = "a long secret of one's own"
    settings.FIELD_KEYS = crypto.new_key("k1")
    settings.DEBUG = settings.DEMO = False
    settings.PUBLIC_URL = "https://aid.example.org"
    settings.ALLOWED_HOSTS = ["aid.example.org"]
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = settings.TWILIO_FROM = "set"
    settings.SENDGRID_API_KEY = settings.SENDGRID_WEBHOOK_PUBLIC_KEY = "set"
    settings.FROM_EMAIL = "aid@example.org"
    settings.POSTAL_ADDRESS = "1 Main Street"
    settings.EMAIL_URL = settings.BROKER_URL = ""
    now = timezone.now()
    WorkerHeartbeat.objects.create(worker="one", started_at=now, beat_at=now)
    return settings


ONLY_BETTER_SO = {"Database for several workers"}


def test_a_good_install_has_nothing_to_mend(live: Any) -> None:
    assert wrong().keys() <= ONLY_BETTER_SO


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("DEBUG", True, "DEBUG"),
        ("DEMO", True, "DEMO"),
        ("PUBLIC_URL", "http://aid.example.org", "PUBLIC_URL"),
        ("PUBLIC_URL", "https://other.example.org", "ALLOWED_HOSTS"),
        ("TRANSPORT", "carrier pigeon", "TRANSPORT"),
        ("TWILIO_ACCOUNT_SID", "", "TWILIO_ACCOUNT_SID"),
        ("TWILIO_AUTH_TOKEN", "", "TWILIO_AUTH_TOKEN"),
        ("TWILIO_FROM", "", "TWILIO_MESSAGING_SERVICE_SID"),
        ("SENDGRID_API_KEY", "", "SENDGRID_API_KEY"),
        ("SENDGRID_WEBHOOK_PUBLIC_KEY", "", "SENDGRID_WEBHOOK_PUBLIC_KEY"),
        ("FROM_EMAIL", "aid@localhost", "FROM_EMAIL"),
        ("BROKER_URL", "redis://127.0.0.1:1/0", "BROKER_URL"),
        ("BROKER_URL", "amqp://127.0.0.1", "BROKER_URL"),
    ],
)
def test_each_wrong_setting_is_named_with_its_mend(
    live: Any, name: str, value: object, finding: str
) -> None:
    setattr(live, name, value)
    assert wrong().keys() - ONLY_BETTER_SO == {finding}
    assert wrong()[finding]


def test_secrets_made_up_for_development_do_not_go_live(
    live: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret_key").write_text(live.SECRET_KEY)
    (tmp_path / "field_key").write_text(live.FIELD_KEYS.partition(":")[2])
    monkeypatch.setattr(checks, "KEPT", tmp_path)
    assert {"SECRET_KEY", "FIELD_KEYS"} <= wrong().keys()


def test_a_lost_key_is_told_before_families_are(live: Any) -> None:
    builders.a_family()
    assert "Stored phones and e-mails" not in wrong()
    old = live.FIELD_KEYS
    live.FIELD_KEYS = crypto.new_key("k2")
    assert "FIELD_KEYS" in wrong()["Stored phones and e-mails"]
    live.FIELD_KEYS = f"{live.FIELD_KEYS},{old}"
    assert "Stored phones and e-mails" not in wrong()


def test_a_silent_worker_is_told(live: Any) -> None:
    WorkerHeartbeat.objects.update(beat_at=timezone.now() - dt.timedelta(minutes=6))
    assert "manage.py worker" in wrong()["Worker"]


def test_a_district_without_a_postal_address_is_named(live: Any) -> None:
    live.POSTAL_ADDRESS = ""
    builders.a_family(builders.a_school(builders.a_district(name="Nowhere", postal_address="")))
    builders.a_district(name="Without families", postal_address="")
    mend = wrong()["POSTAL_ADDRESS"]
    assert "Nowhere" in mend
    assert "Without families" not in mend


def test_the_doctor_fails_where_something_serious_is_wrong(
    live: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("doctor", "--json")
    assert all(
        {"name", "ok", "mend", "serious"} == each.keys() for each in json.loads(_said(capsys))
    )
    live.DEBUG = True
    with pytest.raises(SystemExit) as stopped:
        call_command("doctor")
    assert stopped.value.code == 1
    assert _said(capsys).startswith("WRONG DEBUG: ")


def _said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out
