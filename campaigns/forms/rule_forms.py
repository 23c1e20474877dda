"""One condition of an audience, as a form: what is asked for depends on the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.targeting import conditions
from campaigns.targeting.conditions import Node
from contacts import languages
from contacts.models import Contact, Student, Tag
from schools.models import School, User


class ConditionForm(forms.Form):
    """The values of one condition on `name` (a key of conditions.FIELDS)."""

    values = forms.MultipleChoiceField(
        label=_("Is one of"), widget=forms.CheckboxSelectMultiple, required=False
    )
    campaign = forms.ChoiceField(label=_("Campaign"), required=False)
    min = forms.IntegerField(label=_("At least so many days"), min_value=0, required=False)
    max = forms.IntegerField(label=_("At most so many days"), min_value=0, required=False)
    days = forms.IntegerField(
        label=_("In the last so many days"),
        min_value=1,
        required=False,
        help_text=_("Empty: ever."),
    )

    def __init__(self, *args: Any, name: str, campaign: Campaign, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.name, self.of = name, campaign
        keys = conditions.keys_of(name)
        for key in ("min", "max", "days", "campaign"):
            if key not in keys:
                del self.fields[key]
        if "in" not in keys:
            del self.fields["values"]
        else:
            self.fields["values"].choices = values_of(name, campaign, user)  # type: ignore[attr-defined]
        if "campaign" in keys:
            drawn = Campaign.objects.visible_to(user).filter(
                district=campaign.district, assignments__isnull=False
            )
            self.fields["campaign"].choices = [  # type: ignore[attr-defined]
                (str(each.pk), each.name) for each in drawn.exclude(pk=campaign.pk).distinct()
            ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                conditions.check(self.node())
            except conditions.BadRule as problem:
                raise forms.ValidationError(str(problem)) from problem
        return data

    def node(self) -> Node:
        """The condition as it is kept."""
        data = self.cleaned_data
        node: Node = {"field": self.name}
        if data.get("values"):
            node["in"] = data["values"]
        for key in ("min", "max", "days"):
            if data.get(key) is not None:
                node[key] = data[key]
        if data.get("campaign"):
            node["campaign"] = int(data["campaign"])
        return node


def values_of(name: str, campaign: Campaign, user: User) -> list[tuple[str, str]]:
    """What a condition on `name` can be: known words, or what the district has."""
    students = Student.objects.visible_to(user).filter(
        district=campaign.district, cycle=campaign.cycle, left_on=None
    )
    match name:
        case "grade":
            found = students.order_by().values_list("grade", flat=True).distinct()
            return [(grade, grade) for grade in sorted(found)]
        case "tag":
            tags = Tag.objects.visible_to(user).filter(district=campaign.district)
            return [(tag.name, tag.name) for tag in tags]
        case "school":
            schools = School.objects.filter(pk__in=students.order_by().values("school"))
            return [(school.nces_id, school.name) for school in schools]
        case "language":
            contacts = Contact.objects.filter(district=campaign.district, left_on=None)
            codes = contacts.order_by().values_list("language", flat=True).distinct()
            return languages.by_name(codes)
    return [(each, conditions.value_in_words(name, each)) for each in conditions.KNOWN[name]]
