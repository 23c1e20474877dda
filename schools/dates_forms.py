"""Forms for the dates of a cycle, and for a district's limits and days without messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.models import Blackout, Cycle, Deadline, District, State, User

COUNTRY = "country"


class DayInput(forms.DateInput):
    """A day, as browsers let one pick it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DeadlineForm(forms.ModelForm):
    """A date of a cycle, of a place whose dates `by` may set."""

    place = forms.ChoiceField(label=_("Whose date"))

    class Meta:
        model = Deadline
        fields = ("cycle", "place", "name", "on", "source")
        labels = {"cycle": _("Award year")}
        widgets = {"on": DayInput(), "source": forms.TextInput(attrs={"type": "url"})}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = list(Cycle.objects.values_list("pk", flat=True)[:4])
        self.fields["cycle"].queryset = Cycle.objects.filter(  # type: ignore[attr-defined]
            pk__in={*newest, self.instance.cycle_id}
        )
        self.fields["name"].help_text = _("Such as “State priority date”; families never read it.")
        self.fields["source"].help_text = _("The page where it stands.")
        self.fields["place"].choices = places(by)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["place"].initial = place_of(self.instance)

    def save(self, commit: bool = True) -> Deadline:
        kind, _colon, key = self.cleaned_data["place"].partition(":")
        self.instance.state_id = key if kind == "state" else None
        self.instance.district_id = int(key) if kind == "district" else None
        return super().save(commit)


def place_of(deadline: Deadline) -> str:
    """A deadline's place, as a choice of the form."""
    if deadline.district_id:
        return f"district:{deadline.district_id}"
    return f"state:{deadline.state_id}" if deadline.state_id else COUNTRY


def places(user: User) -> list[tuple[str, Any]]:
    """The places whose dates a person may set: the owner any, others their own districts."""
    districts = District.objects.administered_by(user).filter(
        Q(students__isnull=False) | Q(pk__in=user.scope.districts)
    )
    own = [(f"district:{each.pk}", each.name) for each in districts.distinct()]
    if not user.is_superuser:
        return own
    states = State.objects.filter(Q(regions__isnull=False) | Q(districts__students__isnull=False))
    wide = [(f"state:{each.code}", each.name) for each in states.distinct()]
    return [*wide, (COUNTRY, _("The whole country")), *own]


class LimitsForm(forms.ModelForm):
    """How often a district's families may hear from it, and what a message costs it."""

    class Meta:
        model = District
        fields = ("weekly_cap", "sms_price", "email_price")


class BlackoutForm(forms.ModelForm):
    """Days on which the district sends nothing."""

    class Meta:
        model = Blackout
        fields = ("name", "first_on", "last_on")
        widgets = {"first_on": DayInput(), "last_on": DayInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_on"].required = False
        self.fields["last_on"].help_text = _("Empty: that one day.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = data.get("first_on")
        if first and not data.get("last_on") and "last_on" not in self.errors:
            data["last_on"] = first
        if first and data.get("last_on") and data["last_on"] < first:
            self.add_error("last_on", _("The last day comes before the first."))
        return data
