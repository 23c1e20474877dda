"""What people fill in on the pages of the contacts room."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import directory, distinct, languages
from contacts.imports.readers import MAX_BYTES
from contacts.models import AidStatus, Consent, Contact, Student, Tag
from schools.models import District, School, User


class FindFamilies(forms.Form):
    """Search and filters of the list of families; every field may stay empty."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": _("Name, whole phone or e-mail")}),
    )
    school = forms.ModelChoiceField(
        School.objects.none(), label=_("School"), required=False, empty_label=_("All schools")
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    status = forms.ChoiceField(
        label=_("Aid status"), required=False, choices=[("", _("Any status")), *AidStatus.choices]
    )
    reachable = forms.ChoiceField(
        label=_("Can be reached"),
        required=False,
        choices=[
            ("", _("All families")),
            ("any", _("In some way")),
            ("sms", _("By text message")),
            ("email", _("By e-mail")),
            ("none", _("Not at all")),
        ],
    )

    consent = forms.ChoiceField(
        label=_("Consent to texts"),
        required=False,
        choices=[("", _("Any consent")), *Consent.choices],
    )
    grade = forms.ChoiceField(label=_("Grade"), required=False)
    tag = forms.ModelChoiceField(
        Tag.objects.none(), label=_("Tag"), required=False, empty_label=_("Any tag")
    )
    gone = forms.ChoiceField(
        label=_("In the records"),
        required=False,
        choices=[("", _("Present")), ("yes", _("Left"))],
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for each in self.fields.values():
            kind = "select" if isinstance(each, forms.ChoiceField) else "input"
            each.widget.attrs["class"] = kind
        schools = School.objects.whose_families(user)
        filled = Exists(Student.objects.order_by().filter(school=OuterRef("pk")))
        _rows(self, "school", schools.filter(filled))
        _rows(self, "tag", Tag.objects.visible_to(user))
        districts = District.objects.whose_families(user)
        spoken = distinct.values(Contact, "language", each="district", among=districts)
        _choices(self, "language", [("", _("All languages")), *languages.by_name(spoken)])
        grades = distinct.values(Student, "grade", each="school", among=schools)
        _choices(self, "grade", [("", _("All grades")), *((g, g) for g in sorted(grades))])

    def found(self) -> QuerySet[Student]:
        """The students who fit; nobody if a filter is no choice: that must never mean all."""
        if not self.is_valid():
            return Student.objects.none()
        return directory.found(self.user, self.cleaned_data)


def _rows(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def _choices(form: forms.Form, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class Upload(forms.Form):
    """A file of families, and the place that it is for."""

    place = forms.ChoiceField(
        label=_("Whose families are in it?"),
        help_text=_("A whole district's file needs a column that names each student's school."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX, XLS or a OneRoster zip, just as your system exports it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.zip"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = School.objects.whose_families(user).exclude(district=None)
        districts = District.objects.administered_by(user)
        if user.is_superuser:
            # Everything in reach would be thousands: those that already keep families come first.
            districts = districts.filter(students__isnull=False).distinct() or districts
            schools = schools.filter(students__isnull=False).distinct() or schools
        self._schools = {f"school-{s.pk}": s for s in schools.select_related("district")}
        self._districts = {f"district-{d.pk}": d for d in districts}
        choices: list[Any] = [(key, str(school)) for key, school in self._schools.items()]
        whole = [
            (key, _("All of %(district)s") % {"district": district})
            for key, district in self._districts.items()
        ]
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*whole, *choices]
        if len(field.choices) == 1:
            field.initial = field.choices[0][0]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024}
            )
        return file

    def chosen(self) -> tuple[District, School | None]:
        """The district, and the school if one was chosen."""
        key = self.cleaned_data["place"]
        school = self._schools.get(key)
        if school is not None and school.district is not None:
            return school.district, school
        return self._districts[key], None


class UploadStatuses(Upload):
    """A file of aid statuses, the place that it is for, and the day that it speaks of."""

    as_of = forms.DateField(
        label=_("Day that the file speaks of"),
        required=False,
        help_text=_("For rows without a date of their own. Left empty: today."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ("place", "file", "as_of")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["place"].label = _("Whose students are in it?")
        self.fields["place"].help_text = _("Students of other schools are left out.")
        self.fields["file"].help_text = _(
            "CSV, XLSX or XLS, just as the state’s portal exports it."
        )
        self.fields["file"].widget.attrs["accept"] = ".csv,.tsv,.txt,.xlsx,.xls"

    def clean_as_of(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["as_of"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class StatusByHand(forms.Form):
    """A counselor's word on where a student's application stands."""

    status = forms.ChoiceField(label=_("Aid status"), choices=AidStatus.choices)
