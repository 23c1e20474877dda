"""Packs: the ready ones, those that a region publishes, files in and out, and what changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import packs, published
from campaigns.forms.wizard import cycle_of
from campaigns.models import Campaign, PackVersion, PublishedPack
from campaigns.models.campaign import OPEN
from campaigns.views.common import campaign_for, crumbs, made_up, staff
from contacts.models import Student
from schools import audit
from schools.models import Region, School, State, User

LARGEST = 1_000_000


class PublishForm(forms.Form):
    """A pack's file, for a region or state that the person coordinates."""

    file = forms.FileField(label=gettext_lazy("The pack, as a TOML file"))
    place = forms.ChoiceField(label=gettext_lazy("For the schools of"))
    note = forms.CharField(label=gettext_lazy("What changed"), max_length=200, required=False)

    def __init__(self, *args: Any, places: list[Region | State], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"{type(each).__name__.lower()}:{each.pk}": each for each in places}
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (key, str(each)) for key, each in self.places.items()
        ]


@require_http_methods(["GET", "POST"])
def show_all(request: HttpRequest) -> HttpResponse:
    """What is ready, what is offered, and for coordinators the way to offer more."""
    user = _someone(request)
    places = _places(user)
    form = PublishForm(request.POST or None, request.FILES or None, places=places)
    if request.method == "POST":
        if not places:
            raise PermissionDenied
        if form.is_valid():
            try:
                version = published.publish(
                    _content(form.cleaned_data["file"]),
                    place=form.places[form.cleaned_data["place"]],
                    by=user,
                    now=timezone.now(),
                    note=form.cleaned_data["note"],
                )
            except packs.BadPack as problem:
                form.add_error("file", str(problem))
            else:
                audit.record(user, "pack.published", f"pack version {version.pk}")
                messages.success(
                    request,
                    _("“%(title)s” is offered, version %(number)s.")
                    % {"title": version.pack, "number": version.number},
                )
                return redirect("packs")
    mine = set(PublishedPack.objects.published_by(user).values_list("pk", flat=True))
    return render(
        request,
        "campaigns/packs.html",
        {
            "crumbs": crumbs((_("Packs"), "")) if user.sees_families else [],
            "offered": [
                {"version": each, "pack": packs.loads(each.content), "mine": each.pack_id in mine}
                for each in published.offered_to(user)
            ],
            "ready": packs.ready().values(),
            "schools": _schools(user)[:300] if user.sees_families else [],
            "form": form if places else None,
        },
    )


def _someone(request: HttpRequest) -> User:
    """Whoever sees families or figures. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not (user.sees_families or user.sees_figures):
        raise PermissionDenied
    return user


def _places(user: User) -> list[Region | State]:
    """The regions and states for whose schools this person may publish."""
    if user.is_superuser:
        states = State.objects.filter(regions__isnull=False).distinct()
        return [*states, *Region.objects.all()]
    scope = user.scope
    states = State.objects.filter(pk__in=scope.states)
    regions = Region.objects.filter(pk__in=scope.regions) | Region.objects.filter(
        state__in=scope.states
    )
    return [*states, *regions.distinct()]


def _schools(user: User) -> QuerySet[School]:
    """The schools with families for which this person may begin a campaign."""
    present = Student.objects.present().order_by().values("school")
    schools = School.objects.whose_families(user).filter(pk__in=present, district__isnull=False)
    return schools.select_related("district").order_by("name")


def _content(file: Any) -> str:
    """An uploaded file's text. Raises packs.BadPack."""
    if file.size > LARGEST:
        raise packs.BadPack(_("The file is too large for a pack."))
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise packs.BadPack(_("The file cannot be read as UTF-8 text.")) from error


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Offers a pack no longer; campaigns made from it keep what they have."""
    user = _someone(request)
    pack = get_object_or_404(PublishedPack.objects.published_by(user).distinct(), pk=pk)
    pack.withdrawn_at = timezone.now()
    pack.save(update_fields=["withdrawn_at"])
    audit.record(user, "pack.withdrawn", f"pack {pk}")
    messages.success(request, _("It is offered no longer."))
    return redirect("packs")


def _version(user: User, pk: int) -> PackVersion:
    seen = PublishedPack.objects.visible_to(user).values("pk")
    return get_object_or_404(PackVersion, pk=pk, pack__in=seen)


@require_GET
def version_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A published version as its file."""
    version = _version(_someone(request), pk)
    return _as_file(version.content, version.pack.name)


@require_GET
def campaign_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A campaign as a pack: no school, no person."""
    campaign = campaign_for(staff(request), pk)
    return _as_file(packs.dumps(packs.of_campaign(campaign)), f"campaign-{pk}")


def _as_file(content: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return answer


@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: a draft of a published version, for one school."""
    user = staff(request)
    version = _version(user, pk)
    return _draft(request, user, packs.loads(version.content), version)


@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """A draft of a pack's file, for one school. Others' translations wait for a reader here."""
    user = staff(request)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise packs.BadPack(_("Choose a file."))
        pack = published.as_read_by(packs.loads(_content(file)), user)
    except packs.BadPack as problem:
        messages.error(request, str(problem))
        return redirect("packs")
    return _draft(request, user, pack, None)


def _draft(
    request: HttpRequest, user: User, pack: packs.Pack, version: PackVersion | None
) -> HttpResponse:
    school = _schools(user).filter(nces_id=request.POST.get("school", "")).first()
    if school is None or school.district is None:
        raise Http404
    now = timezone.now()
    campaign = packs.adopt(
        pack,
        district=school.district,
        schools=[school],
        cycle=cycle_of(school.district, timezone.localdate(now)),
        by=user,
        now=now,
        version=version,
    )
    audit.record(
        user,
        "campaign.created",
        f"campaign {campaign.pk}",
        district=campaign.district,
        pack=pack.name,
    )
    return redirect("campaign-who", campaign.pk)


@require_http_methods(["GET", "POST"])
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What its region changed since a campaign took the pack; and taking it over."""
    user = staff(request)
    campaign = campaign_for(user, pk)
    version = published.newer(campaign)
    if version is None or campaign.pack_version is None or campaign.state not in OPEN:
        return redirect("campaign", pk)
    if request.method == "POST":
        taken = published.take(campaign, version, now=timezone.now())
        audit.record(
            user,
            "campaign.pack_taken",
            f"campaign {pk}",
            district=campaign.district,
            version=version.number,
            changed=taken.changed,
            kept=taken.kept,
        )
        messages.success(
            request,
            _("%(changed)s texts taken over; %(kept)s of your own left as they were.")
            % {"changed": taken.changed, "kept": taken.kept},
        )
        return redirect("campaign", pk)
    old, new = packs.loads(campaign.pack_version.content), packs.loads(version.content)
    return render(
        request,
        "campaigns/pack_changes.html",
        {
            "campaign": campaign,
            "version": version,
            "changes": published.changes(old, new),
            "crumbs": crumbs((campaign.name, campaign.get_absolute_url()), (_("Changes"), "")),
            "made_up": made_up(campaign),
        },
    )


def news(campaign: Campaign) -> PackVersion | None:
    """A newer version of its pack that a campaign could still take over."""
    return published.newer(campaign) if campaign.state in OPEN else None
