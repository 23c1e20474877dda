"""The design system keeps its promises: strict CSP, nothing from outside, legible twice."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from config import styleguide

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts]  # mail clients need inline styles
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_needs_no_inline_style_or_script(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_asks_no_other_host_for_anything(path: Path) -> None:
    loads = re.findall(r"""(?:src|action)\s*=\s*["'](?:https?:)?//[^"']+""", path.read_text())
    loads += re.findall(r"""<link[^>]+href\s*=\s*["'](?:https?:)?//[^"']+""", path.read_text())
    assert loads == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_loads_nothing(path: Path) -> None:
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", path.read_text())


def test_every_static_file_that_a_template_names_exists() -> None:
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""\{%\s*static\s+["']([^"']+)["']""", path.read_text())
    }
    assert named
    assert sorted(name for name in named if finders.find(name) is None) == []


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text()))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""\{%\s*icon\s+["']([^"']+)["']""", path.read_text())
    }
    assert named
    assert named - drawn == set()


def _palettes() -> list[dict[str, str]]:
    source = (ROOT / "static/css/tokens.css").read_text()
    light, dark = source.split("prefers-color-scheme: dark", 1)
    colours = r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})"
    first = dict(re.findall(colours, light))
    return [first, {**first, **dict(re.findall(colours, dark.split("data-theme", 2)[1]))}]


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "canvas"),
        ("ink", "surface"),
        ("ink", "sunken"),
        ("ink-muted", "canvas"),
        ("ink-muted", "surface"),
        ("accent", "surface"),
        ("on-accent", "accent"),
        ("ok", "ok-soft"),
        ("danger", "danger-soft"),
        ("warning", "warning-soft"),
        ("info", "info-soft"),
        ("signal-ink", "signal-soft"),
        ("frame-muted", "frame"),
    ],
)
def test_text_is_legible(palette: dict[str, str], ink: str, paper: str) -> None:
    """WCAG 2.2 AA, 1.4.3: at least 4.5 to 1."""
    assert _contrast(palette[ink], palette[paper]) >= 4.5


def test_the_style_guide_shows_each_component() -> None:
    request = RequestFactory().get("/styleguide/")
    request.user = AnonymousUser()
    page = styleguide.show(request).content.decode()
    for name in ["button", "field", "alert", "badge", "stat", "table", "stepper", "tabs", "phone"]:
        assert f'class="{name}' in page, name
    assert "field--invalid" in page
