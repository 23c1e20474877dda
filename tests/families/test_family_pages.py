"""A family's own pages: its next step, its wishes, and nothing about it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.family_pages import links
from campaigns.inbox import auto_answers
from campaigns.models import Message, MessageState, Reply, ReviewedText
from campaigns.words import family_words
from campaigns.words.fixed_sentences import KINDS
from contacts import statuses
from contacts.imports.run import run
from contacts.models import (
    AidStatus,
    AidStatusEntry,
    ConsentEntry,
    Contact,
    ContactPoint,
    Suppression,
)
from schools.models import Membership, Role, User
from tests.campaigns.conftest import Town
from tests.families.conftest import is_silent, write_to

LANGUAGES = ["en", "es", "ru", "uk", "vi", "so", "ar", "zh-Hans", "zh-Hant"]
LANGUAGES += ["ko", "fil", "pa", "am", "ti", "fa-AF", "ps", "mh"]

pytestmark = pytest.mark.django_db


def own_page(message: Message) -> str:
    return f"/f/{links.make_token(message, links.FAMILY)}/"


def way_out(message: Message) -> str:
    return f"/u/{links.make_token(message, links.UNSUBSCRIBE)}/"


@pytest.fixture
def message(phone: ContactPoint) -> Message:
    return write_to(phone)


@pytest.fixture
def email(mailbox: ContactPoint) -> Message:
    return write_to(mailbox)


def test_the_page_says_no_last_name_phone_or_email(message: Message, family: Contact) -> None:
    html = Client().get(own_page(message)).content.decode()
    assert "Ana" in html
    assert "Lincoln High School" in html
    for private in (family.last_name, "5550111", "555-0111", "rosa@", "Rosa"):
        assert private not in html


def test_the_page_is_light_and_sets_no_cookie_and_runs_no_script(message: Message) -> None:
    response = Client().get(own_page(message))
    html = response.content.decode()
    sheets = re.findall(r'/static/([^"]+\.css)', html)
    css = [(settings.BASE_DIR / "static" / path).read_text() for path in sheets]
    assert len(html) + sum(map(len, css)) < 50_000
    assert "<script" not in html
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_reading_the_page_changes_nothing(message: Message, phone: ContactPoint) -> None:
    for _visit in range(2):
        Client().get(own_page(message))
        Client().head(own_page(message))
    assert not Reply.objects.exists()
    assert not AidStatusEntry.objects.exists()
    assert not is_silent(phone)


@pytest.mark.parametrize("status", AidStatus.values)
def test_the_next_step_follows_where_the_student_stands(
    message: Message, family: Contact, status: str
) -> None:
    student = family.students.get()
    before = Client().get(own_page(message)).content
    statuses.record(student, status, source="file", as_of=timezone.now())
    after = Client().get(own_page(message)).content
    assert (before == after) is (status == AidStatus.NOT_STARTED)


@pytest.mark.parametrize(
    ("path", "named"),
    [("fafsa", {"FAFSA"}), ("wasfa", {"WASFA"}), ("unspecified", {"FAFSA", "WASFA"})],
)
def test_a_family_reads_of_its_own_form_or_of_both_side_by_side(
    message: Message, family: Contact, path: str, named: set[str]
) -> None:
    family.students.update(path=path)
    html = Client().get(own_page(message)).content.decode()
    steps = html[html.index("<ol") : html.index("</ol>")]
    assert {"FAFSA", "WASFA"} & set(re.findall(r"\b[A-Z]{5}\b", steps)) == named


def test_we_finished_is_noted_and_thanked_for(message: Message, family: Contact) -> None:
    response = Client().post(own_page(message), {"action": "done"}, follow=True)
    assert "f-ok" in response.content.decode()
    assert family.students.get().aid_status == AidStatus.SUBMITTED


@pytest.mark.parametrize("words", ["When is the deadline?", "help", "ayuda", "yes", "done"])
def test_whatever_is_asked_on_the_page_reaches_a_person(message: Message, words: str) -> None:
    Client().post(own_page(message), {"action": "help", "question": words})
    reply = Reply.objects.get()
    assert (reply.meaning, reply.body, reply.handled_at) == (Reply.Meaning.QUESTION, words, None)


def test_a_stop_typed_as_a_question_is_a_stop(message: Message, phone: ContactPoint) -> None:
    Client().post(own_page(message), {"action": "help", "question": "Stop texting me!"})
    assert is_silent(phone)


def test_stop_on_the_page_silences_every_address_and_can_be_taken_back(
    message: Message, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    waiting = write_to(mailbox, state=MessageState.PENDING)
    Client().post(own_page(message), {"action": "stop"})
    waiting.refresh_from_db()
    assert is_silent(phone)
    assert is_silent(mailbox)
    assert waiting.state == MessageState.SKIPPED
    Client().post(own_page(message), {"action": "start"})
    assert not is_silent(phone)
    assert not is_silent(mailbox)


def test_a_page_never_opens_an_address_that_bounced(
    message: Message, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    Suppression.objects.create(
        channel=mailbox.channel,
        address_index=mailbox.address_index,
        reason=Suppression.Reason.BOUNCE,
        created_at=timezone.now(),
    )
    Client().post(own_page(message), {"action": "start"})
    assert is_silent(mailbox)


def test_a_family_chooses_one_channel(
    message: Message, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    Client().post(own_page(message), {"action": "settings", "channel": "sms"})
    assert is_silent(mailbox)
    assert not is_silent(phone)


def test_a_family_chooses_its_language(message: Message, family: Contact) -> None:
    response = Client().post(own_page(message), {"action": "settings", "language": "es"})
    family.refresh_from_db()
    assert family.language == "es"
    assert '<html lang="es" dir="ltr">' in Client().get(response["Location"]).content.decode()
    Client().post(own_page(message), {"action": "settings", "language": "xx"})
    family.refresh_from_db()
    assert family.language == "es"


def test_a_spanish_reader_reads_spanish_throughout(
    message: Message, family: Contact, email: Message
) -> None:
    family.language = "es"
    family.save()
    pages = [own_page(message), own_page(message) + "?said=stop", way_out(email)]
    for address in pages:
        html = Client().get(address).content.decode()
        words = re.sub(r"<option.*?</option>|<[^>]*>", " ", html)
        english = {"the", "you", "your", "and", "is", "this", "these", "message"}
        assert not english & set(words.lower().split())


def test_a_page_not_in_the_familys_language_is_english_and_reads_left_to_right(
    message: Message, family: Contact
) -> None:
    family.language = "ckb"  # Kurdish: no page of its own yet
    family.save()
    html = Client().get(own_page(message)).content.decode()
    assert '<html lang="en" dir="ltr">' in html
    assert '<option value="ckb" lang="ckb" selected>' in html


def test_the_families_own_language_outlives_the_next_import(town: Town) -> None:
    row = "7,Ana Lopez,Lincoln High School,Rosa Lopez,360-555-0199,English\n"
    head = "student_id,student_name,school,guardian_name,guardian_phone,home_language\n"
    run("families.csv", (head + row).encode(), district=town.district, now=timezone.now())
    point = ContactPoint.objects.get()
    Client().post(own_page(write_to(point)), {"action": "settings", "language": "so"})
    changed = (head + row).replace("English", "Spanish").encode()
    run("families.csv", changed, district=town.district, now=timezone.now())
    assert Contact.objects.get().language == "so"


def test_a_family_reads_the_page_in_another_language_without_changing_anything(
    message: Message, family: Contact
) -> None:
    html = Client().get(own_page(message) + "?lang=es").content.decode()
    assert '<html lang="es" dir="ltr">' in html
    family.refresh_from_db()
    assert (family.language, family.by_hand) == ("en", [])


@pytest.mark.parametrize("status", AidStatus.values)
def test_the_checklist_has_one_step_for_now(message: Message, family: Contact, status: str) -> None:
    family.students.update(aid_status=status)
    html = Client().get(own_page(message)).content.decode()
    assert html.count("f-item--now") == html.count('aria-current="step"') == 1
    assert ("f-item--later" in html) is (status != AidStatus.COMPLETED)


def test_only_one_channel_and_both_again_are_kept_in_the_ledger(
    message: Message, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    page = own_page(message)
    Client().post(page, {"action": "settings", "channel": "email"})
    assert is_silent(phone)
    assert not is_silent(mailbox)
    Client().post(page, {"action": "settings", "channel": "both"})
    assert not is_silent(phone)
    said = ConsentEntry.objects.order_by("pk").values_list("channel", "action", "basis")
    assert list(said) == [
        ("sms", "withdrawn", "family page"),
        ("sms", "given", "family page"),
    ]


def test_saving_other_wishes_takes_no_consent_away_or_back(
    message: Message, phone: ContactPoint
) -> None:
    Client().post(own_page(message), {"action": "settings", "channel": "both", "hours": "evening"})
    assert not ConsentEntry.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["not_started", "action_needed", "completed"])
def test_every_shipped_language_has_its_own_page(
    message: Message, family: Contact, language: str, status: str
) -> None:
    family.language = language
    family.save()
    family.students.update(aid_status=status)
    response = Client().get(own_page(message))
    html = response.content.decode()
    direction = "rtl" if language in ("ar", "fa-AF", "ps") else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert response["Content-Language"] == language
    css = (settings.BASE_DIR / "static" / "css" / "family.css").read_bytes()
    icon = (settings.BASE_DIR / "static" / "img" / "favicon.svg").read_bytes()
    assert len(response.content) + len(css) + len(icon) < 50_000
    # A draft says that it is one, and where the English is.
    drafted = any(draft for _text, draft in family_words.read(language).values())
    assert ('class="f-draft"' in html) is drafted


def test_every_language_says_everything_with_its_values() -> None:
    said = family_words.texts(settings.BASE_DIR)
    assert set(family_words.shipped()) == set(LANGUAGES)
    lacking = {code: family_words.gaps(code, said) for code in LANGUAGES if code != "en"}
    assert not any(lacking.values()), lacking


def test_what_is_sent_is_no_draft() -> None:
    for language in LANGUAGES:
        words = family_words.for_message(language)
        for text, (draft, is_draft) in family_words.read(language).items():
            assert not is_draft or draft == text or words.translated(text) != draft


def posted(kind: str, language: str, *, ticked: int | None = None) -> dict[str, str]:
    """A reader's form of all drafts, as a browser sends it; the first so many ticked."""
    found = KINDS[kind].sentences(language)
    words = {each.name: each.words for each in found}
    if ticked is None:
        return {**words, "then": "all"}
    return {
        **words,
        **{f"{each.name}-read": "on" for each in found[:ticked]},
        "then": "ticked",
    }


@pytest.fixture
def reader(db: None) -> Client:
    user = User.objects.create_user("reader@example.org", "secret")
    Membership.objects.create(user=user, role=Role.TRANSLATOR, language="ar")
    client = Client()
    client.force_login(user)
    return client


def test_a_page_whose_words_a_reader_approved_is_no_draft_any_more(
    message: Message, family: Contact, reader: Client
) -> None:
    family.language = "ar"
    family.save()
    reader.post("/translations/ar/pages/", posted("pages", "ar", ticked=5))
    assert 'class="f-draft"' in Client().get(own_page(message)).content.decode()
    words = posted("pages", "ar")
    name = next(e.name for e in KINDS["pages"].sentences("ar") if e.source == "We finished")
    reader.post("/translations/ar/pages/", {**words, name: "لقد انتهينا تمامًا"})
    html = Client().get(own_page(message)).content.decode()
    assert 'class="f-draft"' not in html
    assert "لقد انتهينا تمامًا" in html


def test_an_answer_is_sent_once_approved_and_in_english_before(reader: Client) -> None:
    stopped, draft = auto_answers.STOPPED, family_words.read("ar")[auto_answers.STOPPED][0]
    said = family_words.for_message("ar").say(stopped, school="Lincoln")
    assert said == stopped % {"school": "Lincoln"}  # English, with no marks of Arabic
    reader.post("/translations/ar/answers/", posted("answers", "ar", ticked=1))
    words = family_words.for_message("ar")
    assert words.translated(stopped) == draft
    assert words.say(auto_answers.HELP, school="A", phone="1").startswith("A writes to you")
    # Unticked again, it is a draft again.
    reader.post("/translations/ar/answers/", posted("answers", "ar", ticked=0))
    assert family_words.for_message("ar").translated(stopped) == stopped


@pytest.mark.parametrize("broken", ["بلا قيمة STOP", "%(school)s 50% STOP", "%(name)s STOP"])
def test_an_answer_that_lost_its_values_cannot_be_approved(reader: Client, broken: str) -> None:
    started = next(
        e.name for e in KINDS["answers"].sentences("ar") if e.source == auto_answers.STARTED
    )
    page = reader.post("/translations/ar/answers/", {**posted("answers", "ar"), started: broken})
    assert page.status_code == 200
    assert not ReviewedText.objects.exists()


def test_a_value_is_never_taken_for_html(message: Message, family: Contact) -> None:
    family.students.update(first_name="<b>Ana</b>")
    html = Client().get(own_page(message)).content.decode()
    assert "<b>Ana" not in html
    assert "&lt;b&gt;Ana" in html


def test_an_expired_or_broken_link_gets_a_kind_page(message: Message) -> None:
    address = own_page(message)
    Message.objects.update(created_at=timezone.now() - dt.timedelta(days=121))
    for broken in (address, address[:-2] + "/", "/f/x/", "/f/é/"):
        response = Client().get(broken)
        assert response.status_code == 404
        assert "f-card" in response.content.decode()
    assert Client().post(address, {"action": "done"}).status_code == 404
    assert not Reply.objects.exists()


@given(st.text(alphabet="abcdefgXYZ0123456789-_=", min_size=1, max_size=40))
def test_a_forged_link_opens_nothing(token: str) -> None:
    for purpose in (links.FAMILY, links.UNSUBSCRIBE):
        with pytest.raises(links.BadLink):
            links.read_token(token, purpose, ever=True)


def test_a_link_for_one_purpose_is_none_for_another(message: Message) -> None:
    for made, read in ((links.FAMILY, links.UNSUBSCRIBE), (links.UNSUBSCRIBE, links.FAMILY)):
        with pytest.raises(links.BadLink):
            links.read_token(links.make_token(message, made), read)


def test_no_neighbours_link_follows_from_ones_own(message: Message, email: Message) -> None:
    one, other = (links.make_token(m, links.FAMILY) for m in (message, email))
    swapped = other[:7] + one[7:]  # five bytes of name, then the proof
    with pytest.raises(links.BadLink):
        links.read_token(swapped, links.FAMILY)


def test_links_are_short(message: Message) -> None:
    assert len(links.make_token(message, links.FAMILY)) <= 20


# Unsubscribing from e-mail (RFC 8058) ---------------------------------------------------------
def test_scanners_that_follow_links_change_nothing(email: Message, mailbox: ContactPoint) -> None:
    for _visit in range(3):
        assert Client().get(way_out(email)).status_code == 200
        assert Client().head(way_out(email)).status_code == 200
    assert not is_silent(mailbox)
    assert not ConsentEntry.objects.exists()


def test_one_click_unsubscribes_at_once_without_cookie_or_token(
    email: Message, phone: ContactPoint, mailbox: ContactPoint
) -> None:
    strict = Client(enforce_csrf_checks=True)
    for _again in range(2):
        response = strict.post(way_out(email), {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert not response.cookies
    assert is_silent(mailbox)
    assert not is_silent(phone)
    assert ConsentEntry.objects.count() == 1


def test_the_pages_own_buttons_need_no_cookie(message: Message, phone: ContactPoint) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(own_page(message), {"action": "stop"}).status_code == 302
    assert is_silent(phone)


def test_an_opt_out_never_expires(email: Message, mailbox: ContactPoint) -> None:
    Message.objects.update(created_at=timezone.now() - dt.timedelta(days=4000))
    assert Client().post(way_out(email)).status_code == 200
    assert is_silent(mailbox)


def test_a_forged_way_out_silences_nobody(email: Message, mailbox: ContactPoint) -> None:
    address = way_out(email)
    letter = "A" if address[8] != "A" else "B"
    assert Client().post(address[:8] + letter + address[9:]).status_code == 404
    assert not is_silent(mailbox)
