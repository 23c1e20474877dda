"""Who may give whom which role, and who may hand over an account."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from schools import audit
from schools.models import District, Membership, Role, User

# What a district's administrator may give to others, and take from them.
DISTRICTS_OWN = (Role.COUNSELOR, Role.TRANSLATOR)


class NotTheirs(Exception):
    """The person's account is not this administrator's to change; says why."""


def people_of(user: User) -> QuerySet[User]:
    """Whom this administrator may see, each with the roles that they may see."""
    roles = Membership.objects.select_related("school__district", "district", "region", "state")
    people = User.objects.order_by("email")
    if not user.is_superuser:
        districts = user.scope.districts
        roles = roles.of_districts(districts)
        people = people.filter(Q(pk__in=roles.values("user")) | Q(home__in=districts))
    return people.prefetch_related(Prefetch("memberships", roles))


def roles_to_take(user: User) -> QuerySet[Membership]:
    """The roles that this administrator may take away."""
    if user.is_superuser:
        return Membership.objects.all()
    return Membership.objects.of_districts(user.scope.districts).filter(role__in=DISTRICTS_OWN)


def invite(
    email: str, names: dict[str, str], role: Membership, *, home: District | None, by: User
) -> User:
    """The person with this address, made if new, with the (unsaved) role. Raises NotTheirs."""
    with transaction.atomic():
        person, made = User.objects.get_or_create(email=email, defaults={**names, "home": home})
        if made:
            person.set_unusable_password()
            person.save(update_fields=["password"])
            audit.record(by, "person.invited", f"user {person.pk}", district=home)
        give(person, role, by=by)
    return person


def give(person: User, role: Membership, *, by: User) -> None:
    """Gives a person an (unsaved) role, once. Raises NotTheirs.

    A translator reads the texts of their home district or, without one, of the whole install;
    so a district gives that role only to people of its own.
    """
    theirs = by.is_superuser or person.home_id in by.scope.districts
    if role.role == Role.TRANSLATOR and not theirs:
        raise NotTheirs(
            _("This account was not made for your district; ask the owner of the install.")
        )
    kept, made = Membership.objects.get_or_create(
        user=person,
        role=role.role,
        school=role.school,
        district=role.district,
        region=role.region,
        state=role.state,
        language=role.language,
    )
    if made:
        audit.record(
            by, "role.given", f"user {person.pk}", district=kept.home_district, role=kept.role
        )


def take(role: Membership, *, by: User) -> None:
    """Takes a role away."""
    with transaction.atomic():
        audit.record(
            by, "role.taken", f"user {role.user_id}", district=role.home_district, role=role.role
        )
        role.delete()


def password_link(person: User, *, by: User) -> str:
    """Where a person without a password sets one; shown, because the default sends nothing.

    Whoever holds it has the account, so a district's administrator sees it only for an account
    that was made for their district and may do nothing elsewhere. Empty otherwise.
    """
    if person.has_usable_password() or not _may_hand_over(person, by):
        return ""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uidb36, _dash, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uidb36, "key": token})
    return settings.PUBLIC_URL + path


def _may_hand_over(person: User, by: User) -> bool:
    if by.is_superuser:
        return True
    districts = by.scope.districts
    if person.is_superuser or person.home_id not in districts:
        return False
    of_theirs = Membership.objects.of_districts(districts).values("pk")
    return not Membership.objects.filter(user=person).exclude(pk__in=of_theirs).exists()
