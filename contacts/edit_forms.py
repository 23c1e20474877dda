"""What people fill in to correct a family by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import bulk_edit, languages
from contacts.consent_by_hand import WHOSE
from contacts.editing import BASES
from contacts.models import AidStatus, Channel, Contact, ContactPoint, Student, Tag
from schools.models import School, User

GRADES = [(f"{n:02d}", str(n)) for n in range(9, 14)]


def _languages() -> list[tuple[str, str]]:
    every = languages.LANGUAGES.values()
    return sorted(((one.code, one.name) for one in every), key=lambda pair: pair[1])


class EditStudent(forms.ModelForm):
    """A student's own facts; the school is one whose families this person sees."""

    class Meta:
        model = Student
        fields = (
            "first_name",
            "last_name",
            "birth_date",
            "grade",
            "school",
            "path",
            "state_student_id",
        )
        labels = {"school": _("School")}
        widgets = {
            "birth_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "grade": forms.Select(choices=GRADES),
        }

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        school = self.fields["school"]
        assert isinstance(school, forms.ModelChoiceField)
        school.queryset = School.objects.whose_families(user).filter(
            district=self.instance.district_id
        )
        self.fields["first_name"].required = False
        if self.instance.grade not in dict(GRADES):
            widget = self.fields["grade"].widget
            assert isinstance(widget, forms.Select)
            widget.choices = [(self.instance.grade, self.instance.grade), *GRADES]


class EditContact(forms.ModelForm):
    """A contact's name and the language that we write in."""

    language = forms.ChoiceField(label=_("Language"))

    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = _languages()


class HowWeKnow(forms.Form):
    """What the consent to write to an address rests on: the words, the day, the source."""

    basis = forms.ChoiceField(
        label=_("How do we know that we may write?"),
        choices=[(key, label) for key, (label, _explicit) in BASES.items()],
    )
    on = forms.DateField(
        label=_("On which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=timezone.localdate,
    )
    source = forms.CharField(label=_("Which form, or who was told"), max_length=200, required=False)

    def clean_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def at(self) -> dt.datetime:
        """Noon of the chosen day, or now if that is still to come."""
        noon = timezone.make_aware(dt.datetime.combine(self.cleaned_data["on"], dt.time(12)))
        return min(noon, timezone.now())


class AddAddress(HowWeKnow):
    """A phone or an e-mail, and what the consent to use it rests on."""

    channel = forms.ChoiceField(label=_("Kind"), choices=Channel.choices)
    address = forms.CharField(label=_("Phone or e-mail"), max_length=200)
    field_order = ("channel", "address")


class ConsentOfMany(HowWeKnow):
    """The same yes for many: a stack of paper forms, say."""

    whose = forms.ChoiceField(
        label=_("Whose numbers?"),
        choices=list(WHOSE.items()),
        widget=forms.RadioSelect,
        initial="guardians",
    )
    field_order = ("whose",)


class SetLine(forms.Form):
    line = forms.ChoiceField(choices=ContactPoint.Line.choices)


class BulkChange(forms.Form):
    """One change for all ticked students; which value it needs depends on what it is."""

    action = forms.ChoiceField(
        label=_("With the chosen students"), choices=list(bulk_edit.ACTIONS.items())
    )
    tag = forms.CharField(label=_("Tag"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    status = forms.ChoiceField(label=_("Aid status"), required=False, choices=AidStatus.choices)
    grade = forms.ChoiceField(label=_("Grade"), required=False, choices=GRADES)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = _languages()
        self.tags = list(Tag.objects.visible_to(user).values_list("name", flat=True).distinct())

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        action = asked.get("action", "")
        asked["value"] = " ".join(asked.get({"untag": "tag"}.get(action, action), "").split())
        if action != "leave" and not asked["value"]:
            raise forms.ValidationError(_("Say which one: the value is missing."))
        return asked
