"""Every URL, found in the resolver, as everyone: a person sees only what a membership allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.access import addresses
from tests.access.conftest import ROLES, someone
from tests.access.places import Place

Places = dict[str, Place]

# Whose families each role may not see.
HIDDEN = {
    "counselor": ("next_door", "theirs"),
    "administrator": ("theirs",),
    "region": ("ours", "next_door", "theirs"),
    "state": ("ours", "next_door", "theirs"),
    "translator": ("ours", "next_door", "theirs"),
    "nobody": ("ours", "next_door", "theirs"),
}
# What they may change of a place all the same: counts of their own, texts in their language.
MAY_CHANGE = {"region": {"enrolments"}, "state": {"enrolments"}, "translator": {"texts"}}


def test_each_url_with_parameters_has_a_sample() -> None:
    patterns = addresses.patterns()
    unknown = {name for name, given in patterns.items() if given} - addresses.SAMPLES.keys()
    assert not unknown, (
        f"New URLs with parameters: {sorted(unknown)}. Add to SAMPLES in tests/access/addresses.py "
        "what each parameter is at a place, so that the walk can try them out of scope."
    )
    gone = (addresses.SAMPLES.keys() | addresses.PUBLIC) - patterns.keys()
    assert not gone, f"No longer URLs: {sorted(gone)}. Take them out of tests/access/addresses.py."


def test_a_visitor_is_asked_to_sign_in_except_on_public_pages(places: Places) -> None:
    client = Client(raise_request_exception=False)
    urls = {name: reverse(name) for name, given in addresses.patterns().items() if not given}
    urls |= addresses.at(places["ours"])
    sign_in = reverse("account_login")
    open_to_all, broken = set(), []
    for name, url in urls.items():
        for ask in (client.get, client.post):
            answer = ask(url)
            if answer.status_code >= 500:
                broken.append(f"{name}: {answer.status_code}")
            asked = answer.status_code == 302 and answer["Location"].startswith(sign_in)
            if name.startswith("api-"):  # programs are asked in their own way
                asked = answer.status_code in (401, 405)
            if not asked and name not in addresses.PUBLIC:
                open_to_all.add(f"{name}: {answer.status_code}")
            assert not [p for p in places.values() if p.shown_in(_body(answer))], url
    assert broken == []
    assert open_to_all == set(), "Not public (PUBLIC in tests/access/addresses.py), but open."


@pytest.mark.parametrize("role", ROLES)
def test_a_person_reads_the_families_that_are_theirs_and_no_other(
    role: str, places: Places
) -> None:
    client = _client(role, places)
    hidden = HIDDEN.get(role, ())
    broken, leaks = [], []
    read: dict[str, set[str]] = {name: set() for name in places}
    for url, answer in _read(client, places):
        if answer.status_code >= 500:
            broken.append(f"{url}: {answer.status_code}")
        for name, place in places.items():
            if shown := place.shown_in(_body(answer)):
                read[name] |= set(shown)
                if name in hidden:
                    leaks.append(f"{url} shows {name}: {shown}")
    assert broken == []
    assert leaks == []
    # And the walk reached the pages that show families, so that the line above means something.
    for name in places.keys() - hidden:
        assert read[name] == {*places[name].secrets, "phone"}


@pytest.mark.parametrize("role", HIDDEN)
def test_nothing_opens_in_another_state(role: str, places: Places) -> None:
    client = _client(role, places)
    opened = [
        name
        for name, url in addresses.at(places["theirs"], public=False).items()
        if name not in addresses.NO_FAMILYS
        for ask in (client.get, client.post)
        if ask(url).status_code not in (403, 404, 405)
    ]
    assert opened == []


@pytest.mark.parametrize("role", HIDDEN)
def test_a_person_changes_nothing_that_is_not_theirs(role: str, places: Places) -> None:
    client = _client(role, places)
    for name in HIDDEN[role]:
        place = places[name]
        urls = addresses.without_parameters(own=True)
        urls += addresses.at(place, public=False).values()  # what they name is made by now
        before = place.state_of_things()
        for url in urls:
            client.post(url, _everything_about(place))
        after = place.state_of_things()
        allowed = MAY_CHANGE.get(role, set()) if name != "theirs" or role == "translator" else set()
        assert {what for what in before if before[what] != after[what]} <= allowed


def _client(role: str, places: Places) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(someone(role, places["ours"]))
    return client


def _read(client: Client, places: Places) -> Iterator[tuple[str, HttpResponse]]:
    """Every page there is about these places, whole and as a fragment, filtered and exported."""
    for url in addresses.without_parameters():
        yield url, client.get(url)
    for place in places.values():
        for url in addresses.without_parameters(own=True):
            yield f"{url} about {place.word}", client.get(url, _everything_about(place))
        for url in addresses.at(place, public=False).values():
            yield url, client.get(url)
            asked = client.get(url, {"format": "csv"}, headers={"HX-Request": "true"})
            yield f"{url} as a fragment or file", asked


def _everything_about(place: Place) -> dict[str, object]:
    """Parameters by all names in use, so that a filter or form that trusts one is caught."""
    return {
        "q": place.word,
        "search": place.word,
        "school": place.school.pk,
        "schools": place.school.pk,
        "district": place.district.nces_id,
        "region": place.district.region.code,
        "state": place.school.state_id,
        "campaign": place.running.pk,
        "student": place.student.pk,
        "contact": place.guardian.pk,
        "show": "all",
        "role": "counselor",
        "email": place.counselor.email,
        "name": "A campaign",
        "pack": "form-opens",
        "action": "approve",
        "body": "Hello",
        "status": "completed",
        "grade12": 1,
        "school_year": "2024-25",
        "source": "a guess",
    }


def _body(answer: HttpResponse) -> bytes:
    return b"".join(answer) if answer.streaming else answer.content
