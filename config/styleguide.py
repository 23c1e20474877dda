"""Every component on one page, for those who build pages (DEBUG only)."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.templatetags.ui import STATUSES

COLOURS = [
    ("Paper", ["canvas", "surface", "sunken", "line", "line-strong"]),
    ("Ink", ["ink", "ink-muted"]),
    ("Accent and signal", ["accent", "accent-soft", "signal", "signal-soft"]),
    ("Tones", ["ok", "warning", "danger"]),
    ("Series", [f"series-{n}" for n in range(1, 7)]),
    ("Map", ["map-none", *(f"map-q{n}" for n in range(1, 6))]),
]


class Sample(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name of the campaign", help_text="Only your colleagues see it.")
    school = forms.ChoiceField(label="School", choices=[("1", "Lincoln"), ("2", "Garfield")])
    body = forms.CharField(label="Text message", widget=forms.Textarea, required=False)
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(label="File", help_text="CSV or XLSX, up to 20 MB.")
    channel = forms.ChoiceField(
        label="Goes out by",
        choices=[("sms", "Text message"), ("email", "E-mail")],
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(label="A colleague has read it", required=False)


def chart() -> dict[str, Any]:
    """A table's worth of figures for the sample chart; the drawing is in the template."""
    return {
        "title": "Completed applications",
        "summary": "61.4 % by 20 March, 8.1 points ahead of the same week of the last cycle.",
        "legend": [
            {"label": "This cycle", "mark": "line"},
            {"label": "Last cycle", "mark": "last-year"},
            {"label": "Range where small counts are hidden", "mark": "band"},
            {"label": "A campaign began", "mark": "mark"},
        ],
        "columns": ["Week", "This cycle", "Last cycle"],
        "rows": [["6 March", "55.0 %", "49.8 %"], ["13 March", "58.3 %", "51.9 %"]],
    }


@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    """The living style guide."""
    return render(
        request,
        "styleguide.html",
        {
            "colours": COLOURS,
            "tones": ["info", "ok", "warning", "danger"],
            "statuses": [(kind, list(looks)) for kind, (_choices, looks) in STATUSES.items()],
            "form": Sample({"name": "", "school": "1", "channel": "sms", "day": "2027-03-01"}),
            "page": Paginator(range(90), 30).page(2),
            "sort": request.GET.get("sort", "-rate"),
            "schools": [
                ("Lincoln High School", "61.4 %", "+3.1", "up"),
                ("Garfield High School", "48.0 %", "−0.6", "down"),
                ("Whistling Marsh High School", "fewer than 10", "", ""),
            ],
            "crumbs": [
                {"label": "Completion", "url": "#"},
                {"label": "Cascade Foothills", "url": "#"},
                {"label": "Lincoln High School"},
            ],
            "steps": [
                {"label": label, "url": "#", "state": state}
                for label, state in [
                    ("What", "done"),
                    ("Who", "done"),
                    ("Words", "current"),
                    ("When", "todo"),
                    ("Review", "todo"),
                ]
            ],
            "tabs": [
                {"label": "English", "url": "#", "current": True, "count": 167},
                {"label": "Spanish", "url": "#", "count": 107},
                {"label": "Vietnamese", "url": "#"},
            ],
            "chart": chart(),
            "letter": "Hello Elena,\n\nBoth forms are open. They are free, and Ana needs only one.",
        },
    )
