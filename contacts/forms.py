"""What people fill in on the pages of the contacts room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import languages
from contacts.imports.readers import MAX_BYTES
from contacts.models import AidStatus, Contact, Student
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

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            kind = "select" if isinstance(each, forms.ChoiceField) else "input"
            each.widget.attrs["class"] = kind
        schools = School.objects.whose_families(user)
        with_students = Student.objects.visible_to(user).values("school")
        field = self.fields["school"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = schools.filter(pk__in=with_students)
        spoken = Contact.objects.visible_to(user).order_by().values_list("language", flat=True)
        named = sorted((languages.get(code).name, code) for code in set(spoken.distinct()))
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _("All languages")), *((code, name) for name, code in named)]


class Upload(forms.Form):
    """A file of families, and the place that it is for."""

    place = forms.ChoiceField(
        label=_("Whose families are in it?"),
        help_text=_("A whole district's file needs a column that names each student's school."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or XLS, just as your student information system exports it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls"}),
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


class StatusByHand(forms.Form):
    """A counselor's word on where a student's application stands."""

    status = forms.ChoiceField(label=_("Aid status"), choices=AidStatus.choices)
