"""A district's own address carries its families' links and pages, and nothing of the staff's."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns import control
from campaigns.family_pages import links
from campaigns.models import Campaign, Message
from campaigns.sending import tick
from campaigns.words import previews
from contacts.models import ContactPoint
from schools import web_addresses
from schools.models import AuditEntry, District, Role, User, WebAddress
from schools.models.web_addresses import WAITS
from tests import builders
from tests.campaigns.conftest import Town
from tests.families import names
from tests.families.conftest import click, is_silent, write_to

pytestmark = pytest.mark.django_db
HOST = "aid.juniper.example"


@pytest.fixture(autouse=True)
def _operator(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "testserver", "staff.example.org", ".ours.example"]


@pytest.fixture
def administrator(client: Client, town: Town) -> User:
    user = builders.a_user(Role.DISTRICT_ADMINISTRATOR, town.district)
    client.force_login(user)
    return user


@pytest.fixture(autouse=True)
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The TXT records that the DNS holds; every address that a test enters has its own."""
    held: dict[str, str] = {}
    with names.served(held, monkeypatch):
        yield held


def page(district: District) -> str:
    return reverse("district-address", args=[district.nces_id])


def ask(path: str, host: str = HOST, **more: Any) -> Any:
    return Client(headers={"host": host}).get(path, **more)


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def proof_of(address: WebAddress, records: dict[str, str]) -> str:
    """The path of its proof, once its district has set the name's record."""
    name, text = web_addresses.record_of(address)
    records[name] = text
    return path_of(web_addresses.proof_url(address))


@pytest.fixture
def own(town: Town, administrator: User, records: dict[str, str]) -> WebAddress:
    """The district's address, entered and proved."""
    address = web_addresses.enter(town.district, HOST, by=administrator, now=timezone.now())
    assert ask(proof_of(address, records)).status_code == 200
    town.district.refresh_from_db()
    return address


@pytest.mark.usefixtures("own")
def test_every_link_of_the_districts_messages_is_on_its_own_address(
    phone: ContactPoint, mailbox: ContactPoint
) -> None:
    text, mail = (Message.objects.get(pk=write_to(point).pk) for point in (phone, mailbox))
    made = [links.short_url(text), links.family_url(text), links.unsubscribe_url(mail)]
    assert all(url.startswith(f"https://{HOST}/") for url in made)


@pytest.mark.usefixtures("own")
def test_a_familys_link_works_there_from_end_to_end(
    phone: ContactPoint, mailbox: ContactPoint
) -> None:
    opened = ask(path_of(links.short_url(write_to(phone))))
    assert opened.status_code == 302
    shown = ask(opened["Location"])
    assert "Ana" in shown.content.decode()
    assert not shown.cookies
    there = Client(headers={"host": HOST}, enforce_csrf_checks=True)
    assert there.post(opened["Location"], {"action": "done"}).status_code == 302
    assert there.post(path_of(links.unsubscribe_url(write_to(mailbox)))).status_code == 200
    assert is_silent(mailbox)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("name", ["home", "contacts", "account_login", "inbox", "twilio-inbound"])
def test_the_staffs_pages_are_not_served_there(name: str) -> None:
    assert ask(reverse(name)).status_code == 404
    assert ask(reverse(name), host=f"{HOST}:443").status_code == 404


@pytest.mark.usefixtures("own")
def test_staff_pages_take_no_form_from_there(client: Client, administrator: User) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    strict.force_login(administrator)
    origin = {"Origin": f"https://{HOST}"}
    assert strict.post(reverse("settings"), headers=origin).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", HOST, "aid.juniper.example.evil.example"])
def test_a_host_that_nobody_entered_is_refused(phone: ContactPoint, host: str) -> None:
    assert ask(path_of(links.short_url(write_to(phone))), host=host).status_code == 400


def test_until_it_is_seen_to_lead_here_links_stay_as_they_are(
    client: Client, town: Town, administrator: User, phone: ContactPoint, records: dict[str, str]
) -> None:
    assert client.post(page(town.district), {"address": f"https://{HOST}"}).status_code == 302
    assert links.short_url(write_to(phone)).startswith("http://localhost:8000/")
    shown = client.get(page(town.district)).content.decode()
    assert "Not yet seen here" in shown and "CNAME" in shown
    proof = proof_of(WebAddress.objects.get(), records)
    assert ask(proof, host="localhost").status_code == 404  # not where it should have led
    assert not WebAddress.objects.proved()


def test_before_its_proof_a_host_shows_nothing_but_that(
    town: Town, administrator: User, phone: ContactPoint, records: dict[str, str]
) -> None:
    opened = path_of(links.family_url(write_to(phone)))
    entered = timezone.now() - WAITS
    for moment in (timezone.now(), entered):  # waiting, and lapsed
        WebAddress.objects.all().delete()
        address = web_addresses.enter(town.district, HOST, by=administrator, now=moment)
        assert ask(opened).status_code == 404
        assert ask("/l/AAAAAAAAAAAAAAAA").status_code == 404
    WebAddress.objects.update(entered_at=timezone.now())
    assert ask(proof_of(address, records)).status_code == 200
    assert ask(opened).status_code == 200


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
@pytest.mark.django_db(transaction=True)
def test_of_two_districts_that_enter_one_host_at_once_one_has_it(settings: Any) -> None:
    person = builders.a_user(Role.DISTRICT_ADMINISTRATOR, builders.a_district())
    WebAddress.objects.create(
        district=builders.a_district(), host=HOST, entered_at=timezone.now() - WAITS
    )
    districts = [builders.a_district() for _ in range(6)]
    together = threading.Barrier(len(districts))
    had: list[District] = []
    refused: list[District] = []

    def enter(district: District) -> None:
        together.wait(30)
        try:
            web_addresses.enter(district, HOST, by=person, now=timezone.now())
            had.append(district)
        except web_addresses.NotAnAddress:
            refused.append(district)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=[district]) for district in districts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(had), len(refused)) == (1, 5)
    assert WebAddress.objects.get().district == had[0]
    assert AuditEntry.objects.filter(action="district.address").get().district == had[0]


def test_an_address_taken_back_is_not_proved_by_its_old_link(
    client: Client, town: Town, administrator: User, records: dict[str, str]
) -> None:
    address = web_addresses.enter(town.district, HOST, by=administrator, now=timezone.now())
    client.post(page(town.district), {"action": "take-back"})
    assert ask(proof_of(address, records)).status_code == 400
    town.district.refresh_from_db()
    assert not town.district.link_host


def test_links_that_were_sent_work_after_the_district_has_left_the_address(
    client: Client, own: WebAddress, town: Town, phone: ContactPoint
) -> None:
    sent = links.short_url(write_to(phone))
    client.post(page(town.district), {"action": "leave"})
    town.district.refresh_from_db()
    assert town.district.links_url == "http://localhost:8000"
    assert ask(path_of(sent)).status_code == 302
    assert "Links sent before go on working" in client.get(page(town.district)).content.decode()


def test_a_proved_address_is_no_other_districts(own: WebAddress, administrator: User) -> None:
    other = builders.a_district()
    with pytest.raises(web_addresses.NotAnAddress):
        web_addresses.enter(other, HOST, by=administrator, now=timezone.now())


def test_an_address_under_way_is_not_taken_over(
    town: Town, administrator: User, records: dict[str, str]
) -> None:
    address = web_addresses.enter(town.district, HOST, by=administrator, now=timezone.now())
    sent = proof_of(address, records)
    other = builders.a_district()
    with pytest.raises(web_addresses.NotAnAddress):
        web_addresses.enter(other, HOST, by=administrator, now=timezone.now())
    assert ask(sent).status_code == 200
    town.district.refresh_from_db()
    assert town.district.link_host == HOST
    other.refresh_from_db()
    assert not other.link_host


def test_who_cannot_write_the_names_record_does_not_get_it_by_a_forged_host(
    town: Town, administrator: User, records: dict[str, str]
) -> None:
    address = web_addresses.enter(town.district, HOST, by=administrator, now=timezone.now())
    sent = path_of(web_addresses.proof_url(address))
    name, text = web_addresses.record_of(address)
    for held in ({}, {name: "aidbeacon-proof=another"}, {HOST: text}):
        records.clear()
        records.update(held)
        assert "TXT record is not seen yet" in ask(sent).content.decode()
        assert not WebAddress.objects.proved()
    records[name] = text
    assert "New links" in ask(sent).content.decode()
    records.clear()
    assert "New links" in ask(sent).content.decode()  # asked once


def test_a_proof_is_good_for_the_district_that_was_given_it_alone(
    town: Town, administrator: User, records: dict[str, str]
) -> None:
    address = web_addresses.enter(town.district, HOST, by=administrator, now=timezone.now())
    sent = proof_of(address, records)
    WebAddress.objects.update(district=builders.a_district())
    assert ask(sent).status_code == 404
    assert not WebAddress.objects.proved()


def test_nobody_keeps_an_address_for_ever_without_its_proof(
    town: Town, administrator: User, records: dict[str, str]
) -> None:
    entered = timezone.now() - WAITS
    address = web_addresses.enter(town.district, HOST, by=administrator, now=entered)
    sent = proof_of(address, records)
    other = builders.a_district()
    just_before = entered + WAITS - dt.timedelta(minutes=1)
    with pytest.raises(web_addresses.NotAnAddress):
        web_addresses.enter(other, HOST, by=administrator, now=just_before)
    assert ask(sent).status_code == 404  # it has lapsed by now
    theirs = web_addresses.enter(other, HOST, by=administrator, now=timezone.now())
    assert ask(sent).status_code == 404
    assert ask(proof_of(theirs, records)).status_code == 200
    other.refresh_from_db()
    assert other.link_host == HOST


def test_entering_it_again_does_not_keep_it_longer(town: Town, administrator: User) -> None:
    now = timezone.now()
    web_addresses.enter(town.district, HOST, by=administrator, now=now)
    again = web_addresses.enter(
        town.district, HOST, by=administrator, now=now + dt.timedelta(days=13)
    )
    assert again.waits_until == now + WAITS


@pytest.mark.usefixtures("own")
def test_the_installs_operator_frees_an_address_that_the_wrong_district_holds(
    town: Town, administrator: User
) -> None:
    with pytest.raises(CommandError):
        call_command("release_address", f"https://{HOST}", yes=True, by="nobody@example.org")
    call_command(
        "release_address",
        f"https://{HOST}",
        yes=True,
        by=administrator.email.upper(),
        stdout=io.StringIO(),
    )
    town.district.refresh_from_db()
    assert not town.district.link_host
    entry = AuditEntry.objects.get(action="district.address_released")
    assert entry.details == {"host": HOST} and entry.district == town.district
    assert entry.actor == administrator
    other = builders.a_district()
    web_addresses.enter(other, HOST, by=administrator, now=timezone.now())
    with pytest.raises(CommandError):
        call_command("release_address", "nobody.example", yes=True)


@pytest.mark.parametrize(
    "host", ["localhost", "staff.example.org", "any.ours.example", "testserver"]
)
def test_where_staff_sign_in_no_family_is_sent(town: Town, administrator: User, host: str) -> None:
    with pytest.raises(web_addresses.NotAnAddress):
        web_addresses.enter(town.district, host, by=administrator, now=timezone.now())


@pytest.mark.parametrize(
    ("entered", "host"),
    [
        ("https://aid.juniper.example", HOST),
        (" https://AID.Juniper.example/ ", HOST),
        ("aid.juniper.example", HOST),
        ("https://añil.example", "xn--ail-7ma.example"),
    ],
)
def test_an_address_is_read_as_people_write_it(entered: str, host: str) -> None:
    assert web_addresses.host_of(entered) == host


@pytest.mark.parametrize(
    "entered",
    [
        "http://aid.juniper.example", "https://aid.juniper.example/path", "https://10.0.0.1",
        "https://aid.juniper.example:8443", "https://me:you@aid.juniper.example", "localhost",
        "https://[::1]", "https://10.0.0.0x1", "https://-a.example", "https://a..example", "javascript://a.example",
        "https://aid.juniper.example?x=1", "https://a_b.example", "https://", "https://a.example\n.b",
    ],
)  # fmt: skip
def test_what_is_no_address_of_families_is_refused(
    client: Client, town: Town, administrator: User, entered: str
) -> None:
    answer = client.post(page(town.district), {"address": entered})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not WebAddress.objects.exists()


@given(st.text(max_size=80))
def test_whatever_is_entered_is_a_plain_host_or_refused(entered: str) -> None:
    try:
        host = web_addresses.host_of(entered)
    except web_addresses.NotAnAddress:
        return
    assert host.isascii() and not set(host) & set("/:@?# \\") and "." in host


def test_a_preview_counts_the_link_that_will_be_sent(
    own: WebAddress, town: Town, administrator: User, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    short, stop = links.samples(town.school)
    text, mail = (Message.objects.get(pk=write_to(point).pk) for point in (phone, mailbox))
    assert len(short) == len(links.short_url(text))
    assert len(stop) == len(links.unsubscribe_url(mail))
    campaign = Campaign.objects.create(name="Reminder", district=town.district, cycle=town.cycle)
    campaign.schools.add(town.school)
    shown = previews.made_up_family(campaign, today=timezone.localdate())
    assert (shown.link, shown.unsubscribe) == (short, stop)


@pytest.mark.usefixtures("own")
def test_a_links_visitor_is_counted_there_too(phone: ContactPoint) -> None:
    message = write_to(phone)
    assert click(path_of(links.short_url(message)), host=HOST).status_code == 302


def test_an_insecure_visitor_is_led_to_the_same_host(
    own: WebAddress, phone: ContactPoint, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    sent = links.short_url(write_to(phone))
    assert ask(path_of(sent))["Location"] == sent


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("asked", [f"{HOST}", f"{HOST}:443", f"{HOST}.", HOST.upper()])
def test_browsers_keep_to_https_there_but_not_on_the_hosts_below_it(
    phone: ContactPoint, settings: Any, asked: str
) -> None:
    settings.SECURE_HSTS_SECONDS = 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    sent = path_of(links.short_url(write_to(phone)))
    assert ask(sent, host=asked, secure=True)["Strict-Transport-Security"] == "max-age=3600"
    on_ours = ask(sent, host="localhost", secure=True)["Strict-Transport-Security"]
    assert on_ours == "max-age=3600; includeSubDomains; preload"


def test_a_long_address_is_said_to_make_texts_longer(
    client: Client, town: Town, administrator: User
) -> None:
    client.post(page(town.district), {"address": "https://aid.juniper.example"})
    assert "This address is long" not in client.get(page(town.district)).content.decode()
    long = f"https://{'a' * web_addresses.FITS}.example"
    client.post(page(town.district), {"address": long})
    assert "This address is long" in client.get(page(town.district)).content.decode()


@pytest.mark.usefixtures("own", "family")
def test_a_campaign_goes_out_with_links_of_its_district(town: Town) -> None:
    campaign = town.adopts()
    control.launch(campaign, by=None, now=timezone.now())
    tick.run(timezone.now(), until_idle=True)
    sent = {message.channel: message.body for message in campaign.messages.all()}
    assert f"https://{HOST}/l/" in sent["sms"] and f"https://{HOST}/l/" in sent["email"]
    assert f"https://{HOST}/u/" in sent["email"]
    assert "localhost" not in "".join(sent.values())
