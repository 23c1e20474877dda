"""The client of roster services, against a real server that speaks the standard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contacts.rosters.client import Client, Refused
from contacts.rosters.problems import RosterError
from tests.providers.oneroster import CLIENT, SECRET, OneRoster, a_user

Connect = Callable[..., Client]


@pytest.fixture
def service() -> Iterator[OneRoster]:
    with OneRoster() as running:
        running.roster.users = [a_user(f"s{n}", "student") for n in range(25)]
        yield running


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client waited; no test waits them."""
    return []


@pytest.fixture
def connect(service: OneRoster, waits: list[float]) -> Iterator[Connect]:
    opened = []

    def _connect(secret: str = SECRET, **options: Any) -> Client:
        options = {"local": True, "page": 10, "sleep": waits.append, **options}
        url, token_url = (
            options.pop("url", service.url),
            options.pop("token_url", service.token_url),
        )
        opened.append(Client(url, token_url, CLIENT, secret, **options))
        return opened[-1]

    yield _connect
    for client in opened:
        client.__exit__()


def ids(client: Client, name: str = "users") -> list[str]:
    return [each["sourcedId"] for each in client.rows(name)]


ALL = [f"s{n}" for n in range(25)]


@pytest.mark.parametrize("paging", ["link", "total", "silent", "none"])
@pytest.mark.parametrize("most", [1_000, 10, 7])
def test_every_page_is_read_however_the_service_counts(
    service: OneRoster, connect: Connect, paging: str, most: int
) -> None:
    service.roster.paging, service.roster.most_a_page = paging, most
    assert ids(connect()) == ALL


def test_an_empty_collection_is_empty(connect: Connect) -> None:
    assert ids(connect(), "orgs") == []


def test_the_address_may_name_the_root_already(service: OneRoster, connect: Connect) -> None:
    assert ids(connect(url=f"{service.url}/ims/oneroster/rostering/v1p2/")) == ALL


def test_one_token_serves_many_pages(service: OneRoster, connect: Connect) -> None:
    ids(connect())
    assert (service.roster.asked["token"], service.roster.asked["users"]) == (1, 3)


def test_a_token_at_its_end_is_renewed(service: OneRoster, connect: Connect) -> None:
    now = [0.0]
    client = connect(clock=lambda: now[0])
    rows = client.rows("users")
    next(rows)
    now[0] = 4_000.0
    assert len(list(rows)) == 24
    assert service.roster.asked["token"] == 2


def test_a_token_that_is_refused_is_renewed_once(service: OneRoster, connect: Connect) -> None:
    service.roster.dead_tokens = {"token-1"}
    assert ids(connect()) == ALL
    service.roster.dead_tokens = {f"token-{n}" for n in range(10)}
    with pytest.raises(RosterError, match="its own token"):
        ids(connect())


def test_a_service_that_knows_no_birth_dates_is_asked_without(
    service: OneRoster, connect: Connect
) -> None:
    service.roster.knows_demographics = False
    client = connect()
    assert ids(client) == ALL
    with pytest.raises(Refused, match="demographics"):
        ids(client, "demographics")


def test_a_wrong_secret_is_said_in_words_that_do_not_hold_it(connect: Connect) -> None:
    with pytest.raises(RosterError, match="client id and secret") as error:
        ids(connect(secret="wrong-secret"))
    assert "wrong-secret" not in str(error.value)


@pytest.mark.parametrize("fault", ["429", "503"])
def test_a_busy_service_is_asked_again_when_it_says(
    service: OneRoster, connect: Connect, waits: list[float], fault: str
) -> None:
    service.roster.faults.extend([fault, fault])
    service.roster.retry_after = "7"
    assert ids(connect()) == ALL
    assert waits == [7.0, 7.0]


def test_a_moment_to_come_back_may_be_a_date(
    service: OneRoster, connect: Connect, waits: list[float]
) -> None:
    service.roster.faults.append("429")
    service.roster.retry_after = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert ids(connect()) == ALL
    assert waits == [0.0]


def test_nobody_waits_for_hours(service: OneRoster, connect: Connect, waits: list[float]) -> None:
    service.roster.faults.append("429")
    service.roster.retry_after = "7200"
    with pytest.raises(RosterError, match="too busy"):
        ids(connect())
    assert waits == []


def test_a_stumble_is_forgiven_and_trouble_is_not(
    service: OneRoster, connect: Connect, waits: list[float]
) -> None:
    service.roster.faults.append("500")
    assert ids(connect()) == ALL
    service.roster.faults.extend(["500"] * 10)
    with pytest.raises(RosterError, match=r"error 500.*Try again later"):
        ids(connect())
    assert waits == [2.0, 2.0, 4.0, 8.0, 16.0]


def test_a_token_service_in_trouble_is_asked_again(service: OneRoster, connect: Connect) -> None:
    service.roster.token_faults.extend(["503", "500"])
    assert ids(connect()) == ALL


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("drop", "cannot be reached"),
        ("html", "other than JSON"),
        ("404", "does not show orgs"),
        ("403", "does not show orgs"),
        ("400", "error 400 when asked for orgs"),
        ("huge", "far more than was asked"),
    ],
)
def test_what_goes_wrong_is_said_with_a_mend(
    service: OneRoster, connect: Connect, fault: str, why: str
) -> None:
    client = connect()
    ids(client)
    service.roster.faults.append(fault)
    with pytest.raises(RosterError, match=why):
        ids(client, "orgs")


@pytest.mark.parametrize("fault", ["html", "404", "redirect:/elsewhere"])
def test_a_wrong_address_for_tokens_is_said(
    service: OneRoster, connect: Connect, fault: str
) -> None:
    service.roster.token_faults.extend([fault, fault])
    with pytest.raises(RosterError, match="Check"):
        ids(connect())


def test_a_slow_service_is_given_up(service: OneRoster, connect: Connect) -> None:
    service.roster.faults.append("slow")
    with pytest.raises(RosterError, match="too long"):
        ids(connect(timeout=(2.0, 0.2)))


def test_a_redirect_on_the_same_host_is_followed(service: OneRoster, connect: Connect) -> None:
    service.roster.faults.append("redirect:/ims/oneroster/rostering/v1p2/users?limit=100&offset=0")
    assert ids(connect()) == ALL


def test_a_token_is_never_carried_to_another_host(service: OneRoster, connect: Connect) -> None:
    with OneRoster() as stranger:
        for target in (stranger.url, "https://stranger.example/", "//127.0.0.2/users"):
            service.roster.faults.append(f"redirect:{target}")
            with pytest.raises(RosterError, match="another host"):
                ids(connect())
        assert not stranger.roster.seen_headers


def test_a_link_to_another_host_is_not_followed(service: OneRoster, connect: Connect) -> None:
    client = connect()
    with pytest.raises(RosterError, match="another host"):
        client._same_host(f"{service.url}/users", "http://127.0.0.1:9/users")


def test_circles_have_an_end(service: OneRoster, connect: Connect) -> None:
    service.roster.faults.extend(["redirect:/ims/oneroster/rostering/v1p2/users"] * 20)
    with pytest.raises(RosterError, match="in circles"):
        ids(connect())


def test_fewer_rows_than_promised_are_refused(service: OneRoster, connect: Connect) -> None:
    class Shrinking(list):  # type: ignore[type-arg]
        def __len__(self) -> int:
            return 40

    service.roster.paging = "total"
    service.roster.users = Shrinking(service.roster.users)
    with pytest.raises(RosterError, match="promised 40 users and sent 25"):
        ids(connect())


@pytest.mark.parametrize(
    "url",
    [
        "http://sis.example",
        "ftp://sis.example",
        "https://user:secret@sis.example",
        "https://",
        "https://[broken",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_may_not_carry_a_secret_is_refused(connect: Connect, url: str) -> None:
    with pytest.raises(RosterError, match="https"):
        connect(url=url)
    with pytest.raises(RosterError, match="https"):
        connect(token_url=url)


def test_this_machine_is_out_of_bounds_unless_it_is_a_test(connect: Connect) -> None:
    with pytest.raises(RosterError, match="over the network"):
        connect(local=False)


def test_a_service_that_is_not_there_is_said(connect: Connect) -> None:
    with pytest.raises(RosterError, match="cannot be reached"):
        ids(connect(token_url="http://127.0.0.1:9/token"))
