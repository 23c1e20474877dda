"""Who may see, make and empower whom."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from campaigns.models import Campaign, Step, StepText
from schools.models import AuditEntry, Cycle, District, Membership, Role, School, User
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return builders.a_school()


@pytest.fixture
def district(school: School) -> District:
    assert school.district is not None
    return school.district


def invite(client: Client, email: str = "new@staff.example", **role: object) -> str:
    """The page that one lands on."""
    return client.post(reverse("people"), {"email": email, **role}, follow=True).content.decode()


@pytest.mark.usefixtures("owner")
def test_a_translators_language_is_shown_and_chosen_by_name(client: Client) -> None:
    page = invite(client, role=Role.TRANSLATOR, language="zh-Hans")
    assert "Chinese (Simplified)" in page
    people = client.get(reverse("people"), headers={"Accept-Language": "es"}).content.decode()
    assert "Chino simplificado" in people
    assert '<option value="ti">Tigriña</option>' in people
    assert "zh-Hans</div>" not in people


@pytest.mark.usefixtures("administrator")
def test_a_new_person_sets_a_password_by_the_link_on_the_page_and_signs_in(
    client: Client, school: School
) -> None:
    page = client.post(
        reverse("people"),
        {"email": "New@Staff.example", "role": Role.COUNSELOR, "school": school.pk},
        follow=True,
    )
    link = page.context["password_link"]
    assert link in page.content.decode()
    newcomer = Client()
    form = newcomer.get("/" + link.split("/", 3)[3], follow=True)
    newcomer.post(
        form.request["PATH_INFO"], {"password1": "a lighthouse", "password2": "a lighthouse"}
    )
    assert newcomer.login(email="new@staff.example", password="a lighthouse")
    assert newcomer.get(reverse("contacts")).status_code == 200
    assert "password_link" in page.context
    again = client.get(page.request["PATH_INFO"])
    assert again.context["password_link"] == ""


@pytest.mark.usefixtures("administrator")
def test_a_districts_administrator_gives_its_own_roles_in_its_own_schools(
    client: Client, school: School, district: District
) -> None:
    elsewhere = builders.a_school()
    region = builders.a_region()
    for role in (
        {"role": Role.COUNSELOR, "school": elsewhere.pk},
        {"role": Role.DISTRICT_ADMINISTRATOR, "district": district.pk},
        {"role": Role.DISTRICT_ADMINISTRATOR, "district": elsewhere.district_id},
        {"role": Role.COORDINATOR, "region": region.pk},
        {"role": Role.COORDINATOR, "state": school.state_id},
    ):
        invite(client, **role)
    assert not User.objects.filter(email="new@staff.example").exists()
    invite(client, role=Role.COUNSELOR, school=school.pk)
    assert User.objects.get(email="new@staff.example").memberships.get().school == school


@pytest.mark.parametrize("told", ["", "nowhere"])
@pytest.mark.usefixtures("administrator")
def test_a_role_without_its_place_is_refused(client: Client, told: str) -> None:
    invite(client, role=Role.COUNSELOR, school=told)
    assert not User.objects.filter(email="new@staff.example").exists()


@pytest.mark.usefixtures("administrator")
def test_inviting_someone_who_is_there_gives_no_hold_on_their_account(
    client: Client, school: School
) -> None:
    """Or whoever may invite could become a state's coordinator, or the owner."""
    owner = builders.a_user(email="owner@staff.example")
    coordinator = builders.a_user(Role.COORDINATOR, school.state, email="state@staff.example")
    other = builders.a_user(Role.COUNSELOR, builders.a_school(), email="other@staff.example")
    for person in (owner, coordinator, other):
        person.set_unusable_password()
        person.save()
        page = invite(client, person.email, role=Role.COUNSELOR, school=school.pk)
        assert "/password/reset/key/" not in page
        url = reverse("person", args=[person.pk])
        assert "/password/reset/key/" not in client.get(url).content.decode()


@pytest.mark.usefixtures("administrator")
def test_an_account_that_got_rights_elsewhere_is_handed_over_no_more(
    client: Client, school: School
) -> None:
    assert "/password/reset/key/" in invite(client, role=Role.COUNSELOR, school=school.pk)
    person = User.objects.get(email="new@staff.example")
    Membership.objects.create(user=person, role=Role.COORDINATOR, state=school.state)
    page = client.get(reverse("person", args=[person.pk])).content.decode()
    assert "/password/reset/key/" not in page


@pytest.mark.usefixtures("administrator")
def test_an_administrator_sees_nobody_and_no_role_of_other_districts(
    client: Client, school: School
) -> None:
    ours = builders.a_user(Role.COUNSELOR, school, email="ours@staff.example")
    elsewhere = builders.a_school(name="Faraway High School")
    Membership.objects.create(user=ours, role=Role.COUNSELOR, school=elsewhere)
    theirs = builders.a_user(Role.COUNSELOR, elsewhere, email="theirs@staff.example")
    page = client.get(reverse("people")).content.decode()
    assert "ours@staff.example" in page
    assert "theirs@staff.example" not in page
    assert "Faraway" not in page
    assert client.get(reverse("person", args=[theirs.pk])).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_an_administrator_takes_counselors_roles_but_not_a_colleagues(
    client: Client, school: School, district: District
) -> None:
    counselor = builders.a_user(Role.COUNSELOR, school).memberships.get()
    colleague = builders.a_user(Role.DISTRICT_ADMINISTRATOR, district).memberships.get()
    stranger = builders.a_user(Role.COUNSELOR, builders.a_school()).memberships.get()
    for role in (counselor, colleague, stranger):
        client.post(reverse("role-take", args=[role.pk]))
    left = Membership.objects.filter(pk__in=[counselor.pk, colleague.pk, stranger.pk])
    assert set(left) == {colleague, stranger}


def a_spanish_text(district: District, body: str) -> StepText:
    cycle = Cycle.objects.get_or_create(name="2026-27")[0]
    campaign = Campaign.objects.create(name="Begin", district=district, cycle=cycle)
    step = Step.objects.create(campaign=campaign)
    return StepText.objects.create(step=step, channel="sms", language="es", body=body)


@pytest.mark.usefixtures("administrator")
def test_a_districts_translator_reads_its_texts_only(client: Client, district: District) -> None:
    ours = a_spanish_text(district, "Empiece hoy")
    theirs = a_spanish_text(builders.a_district(), "Otra cosa")
    assert "/password/reset/key/" in invite(client, role=Role.TRANSLATOR, language="es")
    translator = User.objects.get(email="new@staff.example")
    client.force_login(translator)
    assert client.get(reverse("translation", args=[ours.pk])).status_code == 200
    assert client.get(reverse("translation", args=[theirs.pk])).status_code == 404


@pytest.mark.usefixtures("administrator")
def test_a_district_makes_nobody_a_translator_of_the_whole_install(
    client: Client, school: School
) -> None:
    coordinator = builders.a_user(Role.COORDINATOR, school.state)
    invite(client, coordinator.email, role=Role.TRANSLATOR, language="es")
    assert not coordinator.memberships.filter(role=Role.TRANSLATOR).exists()


def test_who_administers_two_districts_says_whose_texts_a_translator_reads(client: Client) -> None:
    one, two = builders.a_district(), builders.a_district()
    both = builders.a_user(Role.DISTRICT_ADMINISTRATOR, one)
    Membership.objects.create(user=both, role=Role.DISTRICT_ADMINISTRATOR, district=two)
    client.force_login(both)
    invite(client, role=Role.TRANSLATOR, language="es")
    assert not User.objects.filter(email="new@staff.example").exists()
    invite(client, role=Role.TRANSLATOR, language="es", district=two.pk)
    assert User.objects.get(email="new@staff.example").home == two


@pytest.mark.usefixtures("owner")
def test_the_owner_gives_every_role(client: Client, school: School) -> None:
    region = builders.a_region()
    for number, role in enumerate(
        (
            {"role": Role.COUNSELOR, "school": school.pk},
            {"role": Role.DISTRICT_ADMINISTRATOR, "district": school.district_id},
            {"role": Role.COORDINATOR, "region": region.pk},
            {"role": Role.COORDINATOR, "state": school.state_id},
            {"role": Role.TRANSLATOR, "language": "vi"},
        )
    ):
        invite(client, f"person{number}@new.example", **role)
        assert (
            Membership.objects.get(user__email=f"person{number}@new.example").role == role["role"]
        )


@pytest.mark.usefixtures("owner")
def test_the_same_role_twice_is_one(client: Client, school: School) -> None:
    for _again in range(2):
        invite(client, role=Role.COUNSELOR, school=school.pk)
    assert Membership.objects.get(user__email="new@staff.example").school == school


def test_giving_and_taking_a_role_stand_in_the_districts_record(
    client: Client, administrator: User, school: School, district: District
) -> None:
    invite(client, role=Role.COUNSELOR, school=school.pk)
    role = Membership.objects.get(user__email="new@staff.example")
    client.post(reverse("role-take", args=[role.pk]))
    entries = AuditEntry.objects.filter(actor=administrator, district=district).order_by("pk")
    assert [e.action for e in entries] == ["person.invited", "role.given", "role.taken"]
    assert "new@" not in str(list(entries.values()))


def test_a_role_cannot_have_another_roles_place(school: School) -> None:
    user = builders.a_user(Role.TRANSLATOR, "es")
    for wrong in (
        {"role": Role.COUNSELOR, "district": school.district},
        {"role": Role.COORDINATOR, "school": school},
        {"role": Role.DISTRICT_ADMINISTRATOR, "state": school.state},
        {"role": Role.TRANSLATOR, "school": school, "language": "es"},
        {"role": Role.COUNSELOR},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=user, **wrong)


@pytest.mark.parametrize("demo", [True, False])
def test_one_click_sign_ins_exist_in_a_demonstration_only(
    client: Client, settings: object, demo: bool
) -> None:
    builders.a_user(email="owner@demo.invalid", first_name="Kim")
    settings.DEMO = demo  # type: ignore[attr-defined]
    url = reverse("demo-sign-in", args=["owner"])
    assert (url in client.get(reverse("account_login")).content.decode()) == demo
    assert client.get(url).status_code == 405
    answer = client.post(url)
    assert answer.status_code == (302 if demo else 404)
    assert client.get(reverse("home")).status_code == (200 if demo else 302)


def test_nobody_signs_up_alone(client: Client) -> None:
    client.post(
        reverse("account_signup"), {"email": "me@staff.example", "password1": "a lighthouse"}
    )
    assert not User.objects.exists()
