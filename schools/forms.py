"""Forms for people and districts."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools import translators
from schools.models import District, Membership, Region, Role, School, State, User
from schools.staffing import DISTRICTS_OWN


class PersonForm(forms.Form):
    """A new person's name and address."""

    email = forms.EmailField(label=_("E-mail address"))
    first_name = forms.CharField(label=_("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class SchoolChoice(forms.ModelChoiceField):
    """A school named with its district: many names occur more than once in a state."""

    def label_from_instance(self, obj: School) -> str:
        return f"{obj.name} ({obj.district.name})" if obj.district else obj.name


class MembershipForm(forms.Form):
    """One role in one place, out of those that `by` may give."""

    role = forms.ChoiceField(label=_("Role"))
    school = SchoolChoice(
        School.objects.none(),
        required=False,
        label=_("School"),
        help_text=_("For a counselor."),
    )
    district = forms.ModelChoiceField(
        District.objects.none(),
        required=False,
        label=_("District"),
        help_text=_("For a translator: whose texts."),
    )
    region = forms.ModelChoiceField(
        Region.objects.none(),
        required=False,
        label=_("Region"),
        help_text=_("For a coordinator: a region or a state."),
    )
    state = forms.ModelChoiceField(State.objects.none(), required=False, label=_("State"))
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("For a translator.")
    )

    NEEDS = {
        Role.COUNSELOR: ("school",),
        Role.DISTRICT_ADMINISTRATOR: ("district",),
        Role.COORDINATOR: ("region", "state"),
        Role.TRANSLATOR: ("language",),
    }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        roles = Role.choices if by.is_superuser else [(r.value, r.label) for r in DISTRICTS_OWN]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["language"].choices = [("", "–"), *translators.choices()]  # type: ignore[attr-defined]
        schools = School.objects.whose_families(by).select_related("district")
        places: dict[str, QuerySet[Any]] = {"school": schools}
        if by.is_superuser:
            self.fields["district"].help_text = _(
                "For a district administrator. For a translator: whose texts, if not everyone’s."
            )
            places |= {"region": Region.objects.all(), "state": State.objects.all()}
        if by.is_superuser or len(by.scope.districts) > 1:  # else it goes without saying
            places["district"] = District.objects.administered_by(by)
        for name in ("school", "district", "region", "state"):
            self.fields[name].empty_label = "–"  # type: ignore[attr-defined]
            if name in places:
                self.fields[name].queryset = places[name]  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Exactly the place that the role needs; what else was chosen is left aside."""
        data = super().clean() or {}
        role = data.get("role")
        if role:
            needed = self.NEEDS[Role(role)]
            places = {name: data[name] for name in needed if data.get(name)}
            if len(places) != 1:
                self.add_error(needed[0], _("This role needs exactly one place."))
            data["places"] = places
            if role == Role.TRANSLATOR and not self.by.is_superuser and not self.home():
                self.add_error("district", _("Choose the district whose texts they read."))
        return data

    def given(self) -> Membership:
        """The chosen role, not yet saved and of nobody."""
        return Membership(role=self.cleaned_data["role"], **self.cleaned_data["places"])

    def home(self) -> District | None:
        """The district that a new account is made for; None: for the whole install."""
        data = self.cleaned_data
        match data["role"]:
            case Role.COUNSELOR:
                return data["school"].district if data.get("school") else None
            case Role.COORDINATOR:
                return None
            case Role.TRANSLATOR if "district" not in self.fields:
                return District.objects.administered_by(self.by).get()
        found: District | None = data.get("district")
        return found


class DistrictForm(forms.ModelForm):
    """A district's own rules for reaching families."""

    class Meta:
        model = District
        fields = (
            "sms_needs_opt_in",
            "quiet_until",
            "quiet_from",
            "answers_from",
            "answers_until",
            "time_zone",
            "help_phone",
            "postal_address",
            "keep_months",
        )
        labels = {"time_zone": _("Time zone"), "postal_address": _("Postal address")}
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_until", "quiet_from", "answers_from", "answers_until")
        }

    def save(self, commit: bool = True) -> District:
        """Notes when the rule about keeping was changed: nobody is erased for a while after."""
        if "keep_months" in self.changed_data:
            self.instance.keep_set_on = timezone.localdate()
        district: District = super().save(commit)
        return district

    def clean_time_zone(self) -> str:
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone and zone not in available_timezones():
            raise forms.ValidationError(
                _("“%(zone)s” is no time zone; write one such as America/Los_Angeles.")
                % {"zone": zone}
            )
        return zone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens, closes = data.get("quiet_until"), data.get("quiet_from")
        if opens and closes and opens >= closes:
            self.add_error("quiet_from", _("This leaves no time to send."))
        begins, ends = data.get("answers_from"), data.get("answers_until")
        if begins and ends and begins >= ends:
            self.add_error("answers_until", _("This leaves no time to answer."))
        return data
