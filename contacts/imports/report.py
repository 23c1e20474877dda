"""Problems as a CSV that opens in a spreadsheet without running anything in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

# A cell that begins so is a formula to a spreadsheet, in full-width letters too, and also behind
# spaces and quotation marks, which some programs take away; an apostrophe makes it text.
_FORMULA = re.compile(r"[\s\"\ufeff\u200b-\u200f\u2060]*[=+\-@＝＋－＠]|[\t\r\n]")


def is_formula(text: str) -> bool:
    """True if a spreadsheet might calculate the cell instead of showing it."""
    return bool(_FORMULA.match(text))


def defused(value: object) -> str:
    """The cell's text, no longer a formula."""
    text = str(value)
    return f"'{text}" if is_formula(text) else text


def problems_csv(problems: Iterable[Mapping[str, Any]]) -> str:
    """Row, column, value and message of each problem; with the mark that Excel needs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Row"), _("Column"), _("Value"), _("What to mend")])
    for problem in problems:
        cells = (problem[name] for name in ("row", "column", "value", "message"))
        writer.writerow([defused(cell) for cell in cells])
    return "\ufeff" + out.getvalue()
