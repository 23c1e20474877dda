"""A Letter page with a pen: text in any Latin, Greek or Cyrillic name, wrapped, in few inks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import fontpkg
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import letter
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = letter
MARGIN = 46.0
# The light theme of static/css/tokens.css.
INK, MUTED, LINE = "#11262d", "#4a6068", "#82969d"
MARK, SIGNAL, RULE = "#0a6c84", "#8a4b00", "#d5dee1"


@cache
def font() -> str:
    """The name of the one font; loaded once."""
    pdfmetrics.registerFont(TTFont("Noto Sans", str(fontpkg.path("Noto Sans"))))
    return "Noto Sans"


@dataclass
class Paper:
    """Where the pen is: `y` falls from the top."""

    canvas: Canvas
    content: io.BytesIO
    y: float = HEIGHT - MARGIN

    @classmethod
    def blank(cls, title: str, language: str) -> Paper:
        content = io.BytesIO()
        canvas = Canvas(content, pagesize=letter, lang=language, invariant=True)
        canvas.setTitle(title)
        canvas.setAuthor("Aidbeacon")
        return cls(canvas, content)

    def done(self) -> bytes:
        """The file."""
        self.canvas.save()
        return self.content.getvalue()

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        ink: str = INK,
        bold: bool = False,
        end: bool = False,
    ) -> float:
        """One line at a place; with `end` it ends there. Returns its width."""
        width: float = pdfmetrics.stringWidth(text, font(), size)
        line = self.canvas.beginText(x - width if end else x, y)
        line.setFont(font(), size)
        line.setFillColor(HexColor(ink))
        line.setStrokeColor(HexColor(ink))
        line.setTextRenderMode(2 if bold else 0)  # the font has no bold cut: its outline is inked
        self.canvas.setLineWidth(size / 36)
        line.textOut(text)
        line.setTextRenderMode(0)
        self.canvas.drawText(line)
        return width

    def paragraph(self, text: str, *, size: float = 9, ink: str = INK, bold: bool = False) -> None:
        """Wrapped over the page's width, from the pen downwards."""
        for line in wrapped(text, WIDTH - 2 * MARGIN, size):
            self.y -= size * 1.35
            self.write(MARGIN, self.y, line, size=size, ink=ink, bold=bold)

    def heading(self, text: str) -> None:
        self.y -= 24
        self.write(MARGIN, self.y, text, size=12, bold=True)
        self.y -= 4

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        ink: str = RULE,
        width: float = 0.6,
        dash: Sequence[float] = (),
    ) -> None:
        """Through points."""
        if len(points) < 2:
            return
        self.canvas.setStrokeColor(HexColor(ink))
        self.canvas.setLineWidth(width)
        self.canvas.setDash(list(dash))
        way = self.canvas.beginPath()
        way.moveTo(*points[0])
        for point in points[1:]:
            way.lineTo(*point)
        self.canvas.drawPath(way)
        self.canvas.setDash([])

    def area(self, points: Sequence[tuple[float, float]], *, ink: str = MARK) -> None:
        """A pale patch: a range."""
        self.canvas.saveState()
        self.canvas.setFillColor(HexColor(ink))
        self.canvas.setFillAlpha(0.16)
        way = self.canvas.beginPath()
        way.moveTo(*points[0])
        for point in points[1:]:
            way.lineTo(*point)
        way.close()
        self.canvas.drawPath(way, stroke=0, fill=1)
        self.canvas.restoreState()

    def dot(self, x: float, y: float, size: float) -> None:
        self.canvas.setFillColor(HexColor(MARK))
        self.canvas.circle(x, y, size, stroke=0, fill=1)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], ends: Sequence[float]
    ) -> None:
        """The first column from the margin, the others ending at `ends` (from the left edge)."""
        self.y -= 13
        room = ends[0] - MARGIN - 70
        for index, cells in enumerate((header, *rows)):
            ink, size = (MUTED, 7.5) if index == 0 else (INK, 8.5)
            first = cut(cells[0], room, size)
            self.write(MARGIN, self.y, first, size=size, ink=ink)
            for cell, at in zip(cells[1:], ends, strict=True):
                self.write(at, self.y, cell, size=size, ink=ink, end=True)
            self.line([(MARGIN, self.y - 4), (WIDTH - MARGIN, self.y - 4)])
            self.y -= 14
        self.y += 8


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines that fit the room."""
    lines: list[str] = simpleSplit(text, font(), size, room)
    return lines


def cut(text: str, room: float, size: float) -> str:
    """The text, shortened to the room it has."""
    if pdfmetrics.stringWidth(text, font(), size) <= room:
        return text
    while text and pdfmetrics.stringWidth(text + "…", font(), size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
