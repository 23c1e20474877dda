"""Forms of this room: an enrolment, a completion file."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from completion.models import HeldFile, LayoutKind
from schools.models import District, School, State
from schools.models.cycles import check_cycle_name

NOT_IN_THE_FILE = gettext_lazy("Only for a file that does not say it, such as 2025-26.")


class EnrolmentForm(forms.Form):
    """Seniors of one school year."""

    school_year = forms.CharField(
        label=gettext_lazy("School year"),
        help_text=gettext_lazy("Such as 2023-24: the year in which they are seniors."),
        max_length=7,
    )
    grade12 = forms.IntegerField(
        label=gettext_lazy("Seniors (grade 12)"), min_value=0, max_value=20_000
    )
    source = forms.CharField(
        label=gettext_lazy("Where the number comes from"),
        max_length=150,
        help_text=gettext_lazy("Such as: October count, our student information system."),
    )

    def clean_school_year(self) -> str:
        """The year, refused unless its two halves follow each other."""
        year = self.cleaned_data["school_year"].strip().replace("–", "-")
        if not re.fullmatch(r"\d{4}-\d{2}", year):
            raise ValidationError(_("Write the school year as 2023-24."))
        check_cycle_name(year)
        return year


def refused(form: forms.Form, problems: list[Any]) -> None:
    """Shows a reader's problems at the form's file field."""
    for problem in problems:
        place = [problem.sheet, _("row %(n)s") % {"n": problem.row} if problem.row else ""]
        where = ", ".join(part for part in place if part)
        form.add_error("file", f"{where}: {problem.message}" if where else problem.message)


def see_columns() -> forms.BooleanField:
    return forms.BooleanField(
        label=gettext_lazy("Let me say what its columns hold"),
        required=False,
        help_text=gettext_lazy("A table of an unknown layout asks by itself."),
    )


def date_of_figures() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("Date of the figures"),
        required=False,
        help_text=gettext_lazy("Only for a table without a date column."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


def years(label: Any, help_text: Any = NOT_IN_THE_FILE) -> forms.CharField:
    """A cycle or school year, such as 2025-26, that a file does not say itself."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=7,
        help_text=help_text,
        validators=[check_cycle_name],
    )


class CompletionFileForm(forms.Form):
    """A completion file, and what it may not say itself."""

    file = forms.FileField(
        label=gettext_lazy("Completion file"),
        help_text=gettext_lazy(
            "Federal Student Aid's file by high school, or any table of a district or state (.xls, "
            ".xlsx, .csv) with a row for each school."
        ),
    )
    as_of = date_of_figures()
    cycle = years(gettext_lazy("Cycle"))
    columns = see_columns()


class ColumnsForm(forms.Form):
    """Whose file it is, and what it does not say itself."""

    state = forms.ModelChoiceField(
        State.objects.all(), label=gettext_lazy("State of its schools"), empty_label=None
    )
    district = forms.CharField(
        label=gettext_lazy("District, if it is one district's file"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("Its NCES id. Schools are then looked for in this district only."),
        widget=forms.TextInput(attrs={"list": "districts", "autocomplete": "off"}),
    )
    as_of = date_of_figures()
    cycle = years(
        gettext_lazy("Cycle"), gettext_lazy("If empty, each date's own award year counts.")
    )
    school_year = years(gettext_lazy("School year"))

    def __init__(self, held: HeldFile, states: QuerySet[State], data: Any = None) -> None:
        said = {"state": held.state_id, "district": held.district and held.district.nces_id}
        super().__init__(data, initial={**said, **held.said})
        self.fields["state"].queryset = states  # type: ignore[attr-defined]
        enrolments = held.kind == LayoutKind.ENROLMENTS
        for name in ("as_of", "cycle") if enrolments else ("school_year",):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Adds `of`: the district, or None for a file of the whole state."""
        data = super().clean() or {}
        asked = data.get("district", "").strip()
        found = District.objects.filter(nces_id=asked, state=data.get("state")).first()
        if asked and found is None:
            self.add_error("district", _("This state has no district with that id."))
        return {**data, "of": found}

    @property
    def said(self) -> dict[str, str]:
        """What the person says of the whole file, to be kept."""
        names = ("as_of", "cycle", "school_year")
        return {n: str(v) for n in names if (v := self.cleaned_data.get(n))}


class EnrolmentFileForm(forms.Form):
    """An enrolment file, and what it may not say itself."""

    file = forms.FileField(
        label=gettext_lazy("Enrolment file"),
        help_text=gettext_lazy(
            "NCES's or OSPI's table of schools and grades, or any table (.csv, .xlsx, .xls) with a "
            "row for each school."
        ),
    )
    school_year = years(gettext_lazy("School year"))
    source = forms.CharField(
        label=gettext_lazy("Where the numbers come from"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("If empty, the file's name stands beside each number."),
    )
    columns = see_columns()


class MatchForm(forms.Form):
    """Which school a name in a file means: one of those offered, one by its id, or none."""

    NONE = "none"

    school = forms.CharField(required=False)
    school_id = forms.CharField(required=False, max_length=12)

    def __init__(self, *args: Any, schools: QuerySet[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schools = schools

    def clean(self) -> dict[str, Any]:
        """Adds `chosen`: the school, or None for none of ours."""
        data = super().clean() or {}
        typed = data.get("school_id", "").strip()
        chosen = typed or data.get("school", "")
        if not chosen:
            raise ValidationError(
                _("Choose a school, enter its id, or say that it is none of ours.")
            )
        if chosen == self.NONE:
            return {**data, "chosen": None}
        school = self.schools.filter(nces_id=chosen).first()
        if school is None:
            raise ValidationError(
                _("No school here has the id “%(id)s”. Look it up on the school's page.")
                % {"id": chosen}
            )
        return {**data, "chosen": school}
