"""What a person sees: figures, gaps, ranges, and nothing outside of their places."""

import csv
import datetime as dt
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.models import Campaign
from completion.history import Point, added_up
from completion.models import Snapshot, SourceFile
from completion.rates import Count
from schools.models import (
    AuditEntry,
    County,
    Cycle,
    District,
    Enrolment,
    Region,
    Role,
    School,
    State,
    User,
)
from tests.completion.conftest import FLORIDA, WYOMING, bring, make_school, person, publish, seniors

pytestmark = pytest.mark.django_db


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def two_years(school: School, *, now: int = 60, before: int = 80) -> None:
    """A school with an enrolment of 200 and 250, and the same two weeks of two cycles."""
    publish(school, "2026-03-06", now + 20, now - 5)
    publish(school, "2026-03-13", now + 25, now)
    publish(school, "2025-03-13", before + 20, before)
    seniors(school, "2025-26", 200)
    seniors(school, "2024-25", 250)


def test_a_school_shows_its_rate_its_change_and_last_years_week(
    signed_in: Client, school: School
) -> None:
    two_years(school)
    text = text_of(signed_in, school.get_absolute_url())
    assert "30.0%" in text and "of 200 seniors in 2025-26" in text
    assert "−2.0 points against the same week of last cycle" in text
    assert "+5 since Mar 6" in text
    assert "−25.0%" in text and "60 completed, then 80" in text


def test_a_school_without_an_enrolment_shows_counts_and_asks_for_one(
    signed_in: Client, school: School
) -> None:
    two_years(school)
    Enrolment.objects.all().delete()
    text = text_of(signed_in, school.get_absolute_url())
    assert "Needs an enrolment" in text and "−25.0%" in text
    assert "needs the number of seniors of 2025-26" in text
    signed_in.post(
        f"{school.get_absolute_url()}enrolment/",
        {"school_year": "2025-26", "grade12": 120, "source": "October count"},
    )
    entered = Enrolment.objects.get()
    assert (entered.grade12, entered.entered_by.email) == (120, "admin@example.org")  # type: ignore[union-attr]
    assert AuditEntry.objects.get().action == "enrolment.set"
    assert "50.0%" in text_of(signed_in, school.get_absolute_url())


def test_an_enrolment_that_cannot_be_is_told_at_the_field(
    signed_in: Client, school: School
) -> None:
    publish(school, "2026-03-06", 50, 40)
    response = signed_in.post(
        f"{school.get_absolute_url()}enrolment/",
        {"school_year": "2025-27", "grade12": -1, "source": ""},
    )
    assert response.status_code == 200
    assert not Enrolment.objects.exists()
    assert response.content.decode().count('class="field__error"') == 3


@pytest.mark.parametrize("number", [None, 0])
def test_an_empty_or_hidden_class_divides_nothing(
    signed_in: Client, school: School, number: int | None
) -> None:
    publish(school, "2026-03-06", 50, 40)
    seniors(school, "2025-26", number)
    assert "Needs an enrolment" in text_of(signed_in, school.get_absolute_url())


def test_an_unpublished_week_is_a_gap_not_a_zero(signed_in: Client, school: School) -> None:
    publish(school, "2026-03-06", 93, "<5")
    publish(school, "2026-03-13", 107, 71)
    publish(school, "2026-03-20", 110, 80)
    page = signed_in.get(school.get_absolute_url()).content.decode()
    completed = page.split('<svg class="chart__svg')[1]
    [line] = re.findall(r'class="chart-line" d="([^"]+)"', completed)
    assert line.count("L") == 1
    assert "no figure was published, not zero" in page


def test_nothing_small_shows_on_any_page_or_export(
    signed_in: Client, school: School, district: District
) -> None:
    publish(school, "2026-03-06", 97, 7)
    publish(school, "2026-03-13", 98, 8)
    seniors(school, "2025-26", 163)
    pages = [school, district, school.region or district.region, school.state]
    for place in pages:
        for query in ("", "?format=csv", "?sort=completed"):
            body = signed_in.get(place.get_absolute_url() + query).content.decode()  # type: ignore[union-attr]
            body = re.sub(r'<g class="chart-axis">.*?</g>', "", body, flags=re.DOTALL)
            told = re.sub(r"<[^>]+>", " ", body)
            figures = re.findall(r"(?<![\w.,-])[78](?![\w.,:-])", told)
            assert not figures, (place, query)
            assert "&lt;10" in told or "<10" in body


def test_the_order_of_a_table_tells_nothing_of_hidden_counts(
    signed_in: Client, district: District
) -> None:
    for number, count in ((1, 9), (2, 3), (3, 6), (4, 50)):
        publish(make_school(district, number), "2026-03-13", 60, count)
    body = signed_in.get(district.get_absolute_url() + "?sort=-completed").content.decode()
    assert re.findall(r">(School \d\d)</a>", body) == [f"School {n:02d}" for n in (4, 1, 2, 3)]


def test_totals_carry_the_hidden_cells_as_a_range(signed_in: Client, district: District) -> None:
    for number, count in enumerate((50, 60, "<5"), start=1):
        publish(make_school(district, number), "2026-03-13", 70, count)
    assert "110–119" in text_of(signed_in, district.get_absolute_url())


def test_a_school_that_the_file_lists_later_had_nought_to_four_before(
    signed_in: Client, district: District
) -> None:
    first, later = make_school(district, 1), make_school(district, 2)
    publish(first, "2026-03-06", 70, 50)
    publish(first, "2026-03-13", 70, 52)
    publish(later, "2026-03-13", 30, 20)
    text = text_of(signed_in, district.get_absolute_url())
    assert "March 6, 2026 50–59" in text and "March 13, 2026 72" in text


def test_more_completions_than_seniors_are_flagged(signed_in: Client, school: School) -> None:
    publish(school, "2026-03-13", 25, 23)
    seniors(school, "2025-26", 16)
    assert "143.8%" in text_of(signed_in, school.get_absolute_url())
    assert "check the enrolment" in text_of(signed_in, school.get_absolute_url())


def test_rates_of_two_years_compare_the_same_schools(signed_in: Client, district: District) -> None:
    two_years(make_school(district, 1))
    only_now = make_school(district, 2)
    publish(only_now, "2026-03-13", 190, 180)
    seniors(only_now, "2025-26", 200)
    text = text_of(signed_in, district.get_absolute_url())
    assert "60.0%" in text  # 240 of 400
    assert "−2.0 points" in text  # 30 % against 32 %, at the one school with both


def test_a_state_without_a_file_says_how_to_get_one(
    signed_in: Client, school: School, washington: State
) -> None:
    seniors(school, "2018-19", 300)
    text = text_of(signed_in, washington.get_absolute_url())
    assert "No completion file yet" in text and "studentaid.gov" in text
    assert "300 seniors (grade 12, 2018-19)" in text
    assert "No completion file yet" in text_of(signed_in, school.get_absolute_url())


def test_own_counts_hold_until_the_next_and_a_partial_sum_is_no_point() -> None:
    def own(day: int, count: int) -> Point:
        return Point(dt.date(2026, 3, day), Count(count, count), Count(count, count))

    histories = {1: [own(6, 10), own(20, 14)], 2: [own(13, 30)]}
    series = added_up(histories, {1: (0, 0), 2: (0, 0)}, depth=2)
    assert [(point.as_of.day, point.completed.low) for point in series] == [(13, 40), (20, 44)]


def test_the_map_names_each_county_and_hides_the_small(
    signed_in: Client, school: School, washington: State
) -> None:
    for fips, name, number, completed in (("53067", "Thurston", 2, 90), ("53033", "King", 3, 9)):
        county = County.objects.create(fips=fips, name=name, state=washington)
        there = make_school(school.district, number, county=county)  # type: ignore[arg-type]
        publish(there, "2026-03-13", 120, completed)
        seniors(there, "2025-26", 300)
    body = signed_in.get(washington.get_absolute_url()).content.decode()
    assert "Thurston: 30.0%" in body and "King: &lt;3%" in body
    assert body.count('class="map-region ') == 39 and "map-region--suppressed" in body


def test_campaigns_are_marked_by_day_without_their_names(
    signed_in: Client, school: School, district: District
) -> None:
    two_years(school)
    campaign = Campaign.objects.create(
        name="Quiet plan", district=district, cycle=Cycle.objects.get(name="2026-27"),
        launched_at=dt.datetime(2026, 3, 9, 18, tzinfo=dt.UTC),
    )  # fmt: skip
    campaign.schools.add(school)
    body = signed_in.get(district.get_absolute_url()).content.decode()
    assert 'class="chart-mark"' in body and "1 campaign" in body
    assert "Quiet plan" not in body


def test_a_made_up_place_says_so(signed_in: Client) -> None:
    state = State.objects.create(
        code="ZZ", name="Harbor", time_zone="America/Los_Angeles", made_up=True
    )
    Region.objects.create(code="harbor", name="Harbor Network", state=state)
    assert 'class="banner"' in signed_in.get("/completion/regions/harbor/").content.decode()


def test_csv_opens_in_excel_and_runs_no_formula(signed_in: Client, district: District) -> None:
    two_years(make_school(district, 1, name='=HYPERLINK("x")'))
    response = signed_in.get(district.get_absolute_url() + "?format=csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert row["School"] == '\'=HYPERLINK("x")'
    assert (row["Completed"], row["Completion rate, percent"]) == ("60", "30.0")
    assert row["Completed against the same week of last cycle"] == "-20"


def test_who_may_see_what(
    client: Client, school: School, district: District, region: Region
) -> None:
    publish(school, "2026-03-13", 60, 50)
    other_region = Region.objects.create(code="other", name="Other", state=school.state)
    elsewhere = District.objects.create(
        nces_id="5300002", name="Elm", state=school.state, region=other_region
    )
    stranger = make_school(elsewhere, 9)
    state = school.state
    mine = [place.get_absolute_url() for place in (school, district, region)]
    others = [place.get_absolute_url() for place in (stranger, elsewhere, other_region)]
    whole = state.get_absolute_url()
    people = {
        "counselor": (person(Role.COUNSELOR, school=school), mine, [*others, whole]),
        "administrator": (
            person(Role.DISTRICT_ADMINISTRATOR, district=district),
            mine,
            [*others, whole],
        ),
        "region": (person(Role.COORDINATOR, region=region), mine, [*others, whole]),
        "state": (person(Role.COORDINATOR, state=state), [*mine, *others, whole], []),
        "translator": (person(Role.TRANSLATOR, language="es"), [], [*mine, *others]),
    }
    for who, (user, seen, unseen) in people.items():
        client.force_login(user)
        assert client.get("/completion/").status_code == 200, who
        assert {client.get(url).status_code for url in seen} <= {200}, who
        assert {client.get(url).status_code for url in unseen} <= {404}, who


def test_a_counselor_may_not_set_an_enrolment(client: Client, school: School) -> None:
    client.force_login(person(Role.COUNSELOR, school=school))
    data = {"school_year": "2025-26", "grade12": 120, "source": "me"}
    assert client.post(f"{school.get_absolute_url()}enrolment/", data).status_code == 403
    assert not Enrolment.objects.exists()


def upload(client: Client, name: str, content: bytes) -> str:
    response = client.post(
        "/completion/import/", {"file": SimpleUploadedFile(name, content)}, follow=True
    )
    return response.content.decode()


def test_an_upload_tells_what_became_of_it(signed_in: Client) -> None:
    body = upload(signed_in, WYOMING.name, WYOMING.read_bytes())
    assert "Week 429" in body and "2025-26" in body
    assert AuditEntry.objects.get().action == "completion.imported"
    assert "imported before" in upload(signed_in, WYOMING.name, WYOMING.read_bytes())


def test_a_bad_upload_changes_nothing_and_says_why(signed_in: Client, school: School) -> None:
    lines = [f"{school.nces_id},2026-03-06,31,12", f"{school.nces_id},2026-03-13,31,40"]
    body = upload(
        signed_in, "own.csv", "\n".join(["school_id,date,submitted,completed", *lines]).encode()
    )
    assert "More completed (40) than submitted (31)" in body and "row 3" in body
    assert not SourceFile.objects.exists() and not Snapshot.objects.exists()


def test_a_state_coordinator_imports_only_their_state(client: Client, washington: State) -> None:
    client.force_login(person(Role.COORDINATOR, state=washington))
    assert "outside of your states" in upload(client, WYOMING.name, WYOMING.read_bytes())
    assert not School.objects.exists()


def test_rows_of_unknown_schools_are_counted_and_kept(signed_in: Client, school: School) -> None:
    lines = ["school_id,date,submitted,completed", f"{school.nces_id},2026-03-06,31,12"]
    upload(signed_in, "own.csv", "\n".join([*lines, "999999999999,2026-03-06,20,11"]).encode())
    source = SourceFile.objects.get()
    assert (source.summary["rows"], source.summary["unmatched"]) == (2, 1)
    assert source.unplaced.get().code == "999999999999"


def test_made_up_and_real_schools_never_share_a_file(signed_in: Client, school: School) -> None:
    state = State.objects.create(
        code="ZZ", name="Harbor", time_zone="America/Los_Angeles", made_up=True
    )
    School.objects.create(nces_id="990000100001", name="Made up", state=state)
    lines = [f"{code},2026-03-06,31,12" for code in (school.nces_id, "990000100001")]
    content = "\n".join(["school_id,date,submitted,completed", *lines]).encode()
    assert "mixes made-up" in upload(signed_in, "own.csv", content)


def test_a_state_takes_as_few_queries_with_all_of_florida_as_with_one_school(
    signed_in: Client, school: School, django_assert_max_num_queries: object
) -> None:
    bring(FLORIDA[4])
    publish(school, "2026-03-13", 60, 50)
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert signed_in.get("/completion/states/WA/").status_code == 200
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert signed_in.get("/completion/states/FL/").status_code == 200
    with django_assert_max_num_queries(15):  # type: ignore[operator]
        assert signed_in.get("/completion/").status_code == 200
