"""Forms of this room: an enrolment, a completion file."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schools.models import School
from schools.models.cycles import check_cycle_name


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


class CompletionFileForm(forms.Form):
    """A completion file, and what it may not say itself."""

    file = forms.FileField(
        label=gettext_lazy("Completion file"),
        help_text=gettext_lazy(
            "Federal Student Aid's file by high school (.xls, .xlsx, .csv), or your own table with "
            "the columns school_id, date, submitted, completed."
        ),
    )
    as_of = forms.DateField(
        label=gettext_lazy("Date of the figures"),
        required=False,
        help_text=gettext_lazy("Only for a table without a date column."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    cycle = forms.CharField(
        label=gettext_lazy("Cycle"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("Only for a file that does not say it, such as 2025-26."),
        validators=[check_cycle_name],
    )


class EnrolmentFileForm(forms.Form):
    """An enrolment file, and what it may not say itself."""

    file = forms.FileField(
        label=gettext_lazy("Enrolment file"),
        help_text=gettext_lazy(
            "NCES's or OSPI's table of schools and grades, or any table (.csv, .xlsx, .xls) with a "
            "row for each school."
        ),
    )
    school_year = forms.CharField(
        label=gettext_lazy("School year"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("Only for a file that does not say it, such as 2025-26."),
        validators=[check_cycle_name],
    )
    source = forms.CharField(
        label=gettext_lazy("Where the numbers come from"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("If empty, the file's name stands beside each number."),
    )
    school_column = forms.CharField(
        label=gettext_lazy("Column with the school's id"), required=False, max_length=100
    )
    seniors_column = forms.CharField(
        label=gettext_lazy("Column with the seniors"), required=False, max_length=100
    )
    year_column = forms.CharField(
        label=gettext_lazy("Column with the school year"), required=False, max_length=100
    )


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
