"""Figures are written as in this country, in Spanish too."""

import pytest
from django.template import Context, Template
from django.utils import translation

from completion import formats


@pytest.mark.parametrize("language", ["en", "es"])
def test_thousands_have_commas_and_fractions_a_point(language: str) -> None:
    page = Template("{% load humanize l10n %}{{ many|intcomma }} {{ part|floatformat:1 }}")
    with translation.override(language):
        assert (formats.number(1457), formats.percent(0.195)) == ("1,457", "19.5%")
        assert page.render(Context({"many": 46262, "part": 0.5})) == "46,262 0.5"
