"""Families are kept as long as their district says, and what goes is shown before it goes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule
from hypothesis import given
from hypothesis import strategies as st

from campaigns import tasks
from contacts import consent, retention
from contacts.models import Channel, Contact, ContactPoint, Hold, Student, Suppression
from contacts.signals import erasing
from schools.models import AuditEntry, District, Membership, Role, School, User
from tests.contacts.builders import NOW, counselor_of, family, make_district
from tests.contacts.test_import import import_

# Seniors of November 2025 graduate at the end of June 2026.
LAST_DAY = dt.date(2027, 6, 30)  # with twelve months


def night(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, retention.AT))


@pytest.fixture
def ruled(district: District) -> District:
    """A district that has kept families for twelve months since long ago, and one family."""
    district.keep_months, district.keep_set_on = 12, dt.date(2025, 1, 1)
    district.save()
    import_(district, family(1))
    return district


@pytest.fixture
def admin(ruled: District) -> User:
    user = User.objects.create_user("admin@district.example", "secret")
    Membership.objects.create(user=user, role=Role.DISTRICT_ADMINISTRATOR, district=ruled)
    return user


def test_a_graduate_is_kept_to_the_last_day_and_not_beyond(ruled: District) -> None:
    assert retention.run(night(LAST_DAY - dt.timedelta(days=1))) == 0
    assert retention.run(night(LAST_DAY)) == 1
    assert not Student.objects.exists()
    assert not Contact.objects.exists()
    assert retention.run(night(LAST_DAY)) == 0


def test_who_left_before_graduating_goes_that_much_earlier(ruled: District) -> None:
    Student.objects.update(left_on=dt.date(2026, 2, 28))
    assert retention.run(night(dt.date(2027, 2, 27))) == 0
    assert retention.run(night(dt.date(2027, 2, 28))) == 1


def test_a_graduate_whom_an_autumn_file_left_out_is_not_kept_longer_for_it(
    ruled: District,
) -> None:
    Student.objects.update(left_on=dt.date(2026, 10, 3))
    assert retention.run(night(LAST_DAY)) == 1


def test_without_a_rule_everybody_stays(ruled: District) -> None:
    District.objects.update(keep_months=None)
    assert retention.run(night(dt.date(2060, 1, 1))) == 0


def test_a_new_rule_erases_nobody_for_a_fortnight(ruled: District) -> None:
    ruled.keep_months, ruled.keep_set_on = 1, dt.date(2027, 1, 10)
    ruled.save()
    assert retention.calendar_of(ruled) == [(dt.date(2027, 1, 24), 1)]
    assert retention.run(night(dt.date(2027, 1, 23))) == 0
    assert retention.run(night(dt.date(2027, 1, 24))) == 1


def test_an_opt_out_outlives_the_family(ruled: District) -> None:
    phone = ContactPoint.objects.get(channel=Channel.SMS)
    key = (Channel.SMS, phone.address_index)
    consent.withdraw(*key, reason=Suppression.Reason.STOP, basis="STOP", at=NOW)
    retention.run(night(LAST_DAY))
    import_(ruled, family(1))
    assert not consent.allowed(ContactPoint.objects.filter(channel=Channel.SMS)).exists()


def test_a_sibling_who_is_not_done_keeps_the_parent(ruled: District) -> None:
    parent = {"guardian_first_name": "Maria1", "guardian_phone": "206-555-0101",
              "guardian_email": "maria1@lakeview.example"}  # fmt: skip
    import_(ruled, family(1), family(2, grade="10", **parent))
    retention.run(night(LAST_DAY))
    assert Contact.objects.get().students.get().sis_id == "S0002"


def test_who_is_held_stays_until_the_hold_ends(ruled: District, admin: User) -> None:
    until = LAST_DAY + dt.timedelta(days=60)
    retention.hold(Student.objects.all(), until, by=admin, now=NOW)
    assert retention.calendar_of(ruled) == []
    assert retention.run(night(until - dt.timedelta(days=1))) == 0
    assert retention.run(night(until)) == 1


def test_a_hold_without_an_end_lasts_until_somebody_ends_it(ruled: District, admin: User) -> None:
    retention.hold(Student.objects.all(), None, by=admin, now=NOW)
    assert retention.run(night(dt.date(2060, 1, 1))) == 0
    retention.release(Student.objects.all(), by=admin)
    assert retention.run(night(dt.date(2060, 1, 1))) == 1
    told = AuditEntry.objects.filter(action__startswith="retention.").order_by("pk")
    assert [entry.action for entry in told] == [
        "retention.held", "retention.released", "retention.erased"
    ]  # fmt: skip


def test_what_went_is_in_the_record_as_a_number(ruled: District) -> None:
    retention.run(night(LAST_DAY))
    entry = AuditEntry.objects.get(action="retention.erased")
    assert (entry.actor, entry.district) == (None, ruled)
    assert entry.details == {"students": 1, "contacts": 1}


def test_many_go_in_one_night(ruled: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    import_(ruled, *(family(number) for number in range(1, 9)))
    assert retention.run(night(LAST_DAY)) == 8
    assert not Contact.objects.exists()


def test_the_night_is_planned_once_for_all_clusters(db: None) -> None:
    tasks.schedule()
    tasks.schedule()
    planned = Schedule.objects.get(name="retention")
    assert planned.func == "contacts.tasks.erase_due"
    assert planned.schedule_type == Schedule.DAILY


def test_the_command_says_who_would_go_and_erases_as_the_night_does(
    ruled: District, capsys: pytest.CaptureFixture[str]
) -> None:
    Student.objects.update(left_on=timezone.localdate() - dt.timedelta(days=800))
    call_command("erase_due", dry_run=True)
    assert f"{ruled.nces_id}: 1 students" in capsys.readouterr().out
    assert Student.objects.exists()
    call_command("erase_due")
    assert not Student.objects.exists()


# What is shown ------------------------------------------------------------------------------


def test_the_page_says_who_goes_and_when(ruled: District, admin: User, client: Client) -> None:
    import_(ruled, family(1), family(2, grade="11"))
    client.force_login(admin)
    url = reverse("retention-district", args=[ruled.nces_id])
    page = client.get(url)
    assert page.context["days"] == [(LAST_DAY, 1), (dt.date(2028, 6, 30), 1)]
    assert [str(each) for each in page.context["page_obj"]] == ["Ana1 Lopez"]
    later = client.get(url, {"day": "2028-06-30"})
    assert [str(each) for each in later.context["page_obj"]] == ["Ana2 Lopez"]


def test_an_administrator_keeps_somebody_longer_and_lets_them_go_again(
    ruled: District, admin: User, client: Client
) -> None:
    client.force_login(admin)
    url = reverse("retention-district", args=[ruled.nces_id])
    student = Student.objects.get()
    assert client.post(url, {"student": student.pk, "until": "2020-01-01"}).status_code == 422
    client.post(url, {"student": student.pk, "until": ""})
    assert Hold.objects.get().placed_by == admin
    client.post(url, {"student": student.pk, "action": "release"})
    assert not Hold.objects.exists()
    client.post(reverse("student-keep", args=[student.pk]), {"until": "2999-01-01"})
    assert "2999" in client.get(student.get_absolute_url()).content.decode()


def test_the_start_page_warns_an_administrator_a_month_ahead_and_nobody_else(
    ruled: District, school: School, admin: User, client: Client
) -> None:
    left = retention.plus_months(timezone.localdate() + dt.timedelta(days=20), -12)
    Student.objects.update(left_on=left)
    link = reverse("retention-district", args=[ruled.nces_id])
    client.force_login(counselor_of(school))
    assert link not in client.get(reverse("home")).content.decode()
    client.force_login(admin)
    assert link in client.get(reverse("home")).content.decode()
    Student.objects.update(left_on=left + dt.timedelta(days=60))
    assert link not in client.get(reverse("home")).content.decode()


def test_setting_the_rule_starts_the_fortnight(
    ruled: District, admin: User, client: Client
) -> None:
    client.force_login(admin)
    url = reverse("district-settings", args=[ruled.nces_id])
    hours = {"answers_from": "08:00", "answers_until": "16:00"}
    client.post(url, {"keep_months": 12, "help_phone": "360-555-0100", **hours})
    ruled.refresh_from_db()
    assert ruled.keep_set_on == dt.date(2025, 1, 1)
    client.post(url, {"keep_months": 6, **hours})
    ruled.refresh_from_db()
    assert (ruled.keep_months, ruled.keep_set_on) == (6, timezone.localdate())


def test_a_counselor_sets_no_rule_and_holds_nobody(
    ruled: District, school: School, client: Client
) -> None:
    client.force_login(counselor_of(school))
    student = Student.objects.get()
    for url in (
        reverse("retention"),
        reverse("retention-district", args=[ruled.nces_id]),
        reverse("student-keep", args=[student.pk]),
    ):
        assert client.post(url, {"student": student.pk}).status_code == 403
    assert not Hold.objects.exists()


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)),
    st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)),
    st.integers(1, 120),
)
def test_the_day_shown_is_the_day_it_happens(end: dt.date, day: dt.date, months: int) -> None:
    shown = retention.plus_months(end, months)
    assert (shown <= day) == (end <= retention.latest_end(day, months))


def test_a_district_that_fails_keeps_no_other_waiting(
    ruled: District, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_district("9900020")
    District.objects.filter(pk=other.pk).update(keep_months=12, keep_set_on=dt.date(2025, 1, 1))
    import_(other, family(2))

    def refuse(*, students: list[Student], **_signal: object) -> None:
        if any(student.district_id == ruled.pk for student in students):
            raise RuntimeError(str(students[0]))

    erasing.connect(refuse)
    try:
        assert ruled.pk < other.pk
        assert retention.run(night(LAST_DAY)) == 1
    finally:
        erasing.disconnect(refuse)
    assert Student.objects.get().district == ruled
    assert f"Erasing in district {ruled.nces_id} failed" in caplog.text
    assert "Lopez" not in caplog.text
    assert retention.run(night(LAST_DAY)) == 1
