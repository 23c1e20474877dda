"""Figures on their way out: CSV, Excel, JSON, and a page for everybody."""

import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from completion.models import ApiToken
from schools.models import AuditEntry, District, Membership, Region, Role, School, User
from tests.completion.conftest import make_school, person, publish, seniors

pytestmark = pytest.mark.django_db


@pytest.fixture
def schools(district: District) -> list[School]:
    """Three schools; the second has seven completions."""
    made = [make_school(district, n, name=f"=School {n}") for n in range(1, 4)]
    for school, done in zip(made, (60, 7, 80), strict=True):
        publish(school, "2026-02-27", 120, done - 2)
        publish(school, "2026-03-06", 121, done)
        seniors(school, "2025-26", 200)
    return made


@pytest.fixture
def coordinator(region: Region) -> User:
    return person(Role.COORDINATOR, region=region)


@pytest.fixture
def api(client: Client, coordinator: User) -> Client:
    _token, text = ApiToken.issue(coordinator, "a report", now=timezone.now())
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {text}"
    return client


def get(client: Client, path: str) -> Any:
    response = client.get("/api/v1" + path)
    assert response.status_code == 200, response.content
    return response.json()


def test_every_table_of_a_page_is_a_sheet_and_a_csv(
    client: Client, admin: User, district: District, schools: list[School]
) -> None:
    client.force_login(admin)
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(client.get(district.get_absolute_url() + "?format=xlsx").content)
    )
    assert book.sheet_names == ["Schools", "Change", "Completion rate by school", "Completed",
                                "Submitted"]  # fmt: skip
    rows = book.get_sheet_by_name("Schools").to_python()
    assert [row[1] for row in rows[1:]] == ["=School 3", "=School 1", "=School 2"]
    assert [row[9] for row in rows[1:]] == [80.0, 60.0, "<10"]
    table = client.get(district.get_absolute_url() + "?format=csv&table=change").content.decode()
    assert "In four weeks" in table and "School 1" not in table
    school = client.get(schools[0].get_absolute_url() + "?format=xlsx").content
    assert CalamineWorkbook.from_filelike(io.BytesIO(school)).sheet_names[0] == "Schools"


def test_a_program_reads_what_its_owner_may_see(
    api: Client, region: Region, district: District, schools: list[School]
) -> None:
    places = get(api, "/places")
    assert {(each["kind"], each["id"]) for each in places} == {
        ("regions", region.code), ("districts", district.nces_id)}  # fmt: skip
    here = get(api, f"/regions/{region.code}")
    assert (here["completed"]["low"], here["completed"]["high"]) == (140, 149)
    assert here["rate"]["text"] == "23.3–24.8%" and here["seniors"]["low"] == 600
    assert [week["as_of"] for week in here["weeks"]] == ["2026-02-27", "2026-03-06"]
    listed = get(api, f"/districts/{district.nces_id}/schools")
    assert listed["count"] == 3
    small = listed["schools"][1]["completed"]
    assert small == {"text": "<10", "low": 0, "high": 9, "hidden": True}
    one = get(api, f"/schools/{schools[0].nces_id}")
    assert one["changes"][0]["completed"] == "+2" and one["rate"]["low"] == 30.0


def test_what_is_not_the_owners_is_not_there(api: Client, schools: list[School]) -> None:
    assert api.get("/api/v1/states/WA").status_code == 404
    far = District.objects.create(nces_id="5300009", name="Far", state=schools[0].state)
    other = make_school(far, 1)
    assert api.get(f"/api/v1/schools/{other.nces_id}").status_code == 404
    assert api.get("/api/v1/districts/5300001/schools?cycle=1999-00").status_code == 404


def test_without_a_good_token_or_a_sign_in_nothing_is_told(
    client: Client, coordinator: User, region: Region
) -> None:
    path = f"/api/v1/regions/{region.code}"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer aid_guess"}).status_code == 401
    token, text = ApiToken.issue(coordinator, "x", now=timezone.now())
    headers = {"Authorization": f"Bearer {text}"}
    assert client.get(path, headers=headers).status_code == 200
    Membership.objects.all().delete()
    assert client.get(path, headers=headers).status_code == 404
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert client.get(path, headers=headers).status_code == 401
    User.objects.filter(pk=coordinator.pk).update(is_active=True)
    token.delete()
    assert client.get(path, headers=headers).status_code == 401


def test_a_signed_in_person_reads_it_too_and_the_description(
    client: Client, coordinator: User, region: Region, schools: list[School]
) -> None:
    client.force_login(coordinator)
    assert get(client, f"/regions/{region.code}")["name"] == region.name
    described = get(client, "/openapi.json")
    assert described["openapi"].startswith("3.")
    assert "/api/v1/regions/{key}/schools" in described["paths"]


def test_no_number_that_is_hidden_stands_anywhere_in_the_api(
    api: Client, region: Region, district: District, schools: list[School]
) -> None:
    place = f"/districts/{district.nces_id}"
    paths = [f"/regions/{region.code}", place, f"{place}/schools", f"/schools/{schools[1].nces_id}"]

    def numbers(found: Any) -> list[float]:
        if isinstance(found, dict):
            return [n for key, each in found.items() if key != "schools" or isinstance(each, list)
                    for n in numbers(each)]  # fmt: skip
        if isinstance(found, list):
            return [n for each in found for n in numbers(each)]
        return [found] if isinstance(found, int | float) and not isinstance(found, bool) else []

    told = [n for path in paths for n in numbers(get(api, path))]
    assert told and not {5, 7, 141, 147} & set(told)
    assert '"kept"' not in json.dumps([get(api, path) for path in paths])


def test_a_token_is_shown_once_and_taken_back_by_its_owner_alone(
    client: Client, coordinator: User, admin: User
) -> None:
    client.force_login(coordinator)
    page = client.post("/completion/api/", {"name": "dashboard"}).content.decode()
    [text] = [word for word in page.replace("<", " ").replace(">", " ").split() if "aid_" in word
              and "…" not in word]  # fmt: skip
    token = ApiToken.objects.get()
    assert ApiToken.owner(text, now=timezone.now()) == coordinator
    assert text not in client.get("/completion/api/").content.decode()
    client.force_login(admin)
    assert client.post(f"/completion/api/{token.pk}/").status_code == 404
    client.force_login(coordinator)
    client.post(f"/completion/api/{token.pk}/")
    assert ApiToken.owner(text, now=timezone.now()) is None
    assert {entry.action for entry in AuditEntry.objects.all()} == {
        "api.token_issued", "api.token_taken_back"}  # fmt: skip


def test_a_regions_page_is_public_only_once_an_administrator_says_so(
    client: Client, coordinator: User, region: Region, schools: list[School]
) -> None:
    url = f"/public/regions/{region.code}/"
    assert Client().get(url).status_code == 404
    client.force_login(coordinator)
    assert client.post(region.get_absolute_url() + "public/", {"public": "on"}).status_code == 403
    client.force_login(person(Role.COORDINATOR, state=region.state))
    client.post(region.get_absolute_url() + "public/", {"public": "on"})
    page = Client().get(url)
    body = page.content.decode()
    assert "140–149" in body
    assert all(school.name not in body for school in schools) and "<form" not in body
    assert not page.cookies
    client.post(region.get_absolute_url() + "public/", {})
    assert Client().get(url).status_code == 404
    told = [entry.told for entry in AuditEntry.objects.order_by("pk")]
    assert told == ["Made a region’s totals public", "Took a region’s public page away"]


def test_only_the_public_page_may_be_framed(
    client: Client, admin: User, region: Region, schools: list[School]
) -> None:
    Region.objects.update(is_public=True)
    page = Client().get(f"/public/regions/{region.code}/")
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    assert "http" not in page.content.decode().replace("http://www.w3.org", "")
    client.force_login(admin)
    page = client.get(region.get_absolute_url())
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
