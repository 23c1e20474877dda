"""The interface's words in other languages."""

from pathlib import Path
from typing import Any

from campaigns.words import catalogue, family_upkeep, family_words
from config import catalogues

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Here"
msgstr "Aquí"

msgid "Empty"
msgstr ""

#, fuzzy
msgid "Unsure"
msgstr "¿Seguro?"

msgid "One school"
msgid_plural "%(n)s schools"
msgstr[0] "Una escuela"
msgstr[1] ""
"""


def a_catalogue(folder: Path) -> Path:
    path = folder / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO)
    return path


def gaps_of(tmp_path: Path, *texts: str) -> list[str]:
    said: dict[catalogues.Key, str] = {(None, text): "page.html" for text in texts}
    return catalogues.gaps(a_catalogue(tmp_path), said)


def test_a_translated_message_is_no_gap(tmp_path: Path) -> None:
    assert gaps_of(tmp_path, "Here") == []


def test_missing_empty_unsure_and_half_plural_messages_are_gaps(tmp_path: Path) -> None:
    kinds = [
        line.split(":")[0] for line in gaps_of(tmp_path, "Away", "Empty", "Unsure", "One school")
    ]
    assert kinds == ["missing", "untranslated", "fuzzy", "untranslated"]


def test_words_are_found_in_templates_and_in_python(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}<p>{% translate 'Hello' %}</p>"
        "{% blocktranslate count n=n %}One{% plural %}{{ n }} many{% endblocktranslate %}"
        "{% translate 'May' context 'month' %}"
    )
    (tmp_path / "schools").mkdir()
    (tmp_path / "schools" / "words.py").write_text(
        "from x import gettext_lazy as _, ngettext\n_('School')\nngettext('a', 'b', 2)\n"
    )
    assert set(catalogues.messages(tmp_path)) == {
        (None, "Hello"),
        (None, "One"),
        ("month", "May"),
        (None, "School"),
        (None, "a"),
    }


def test_a_language_unknown_to_babel_compiles(tmp_path: Path, settings: object) -> None:
    path = tmp_path / "mh" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO.replace("Plural-Forms", 'Language: mh\\n"\n"Plural-Forms'))
    settings.LOCALE_PATHS = [tmp_path]  # type: ignore[attr-defined]
    assert catalogues.compile_all() == [path.with_suffix(".mo")]
    assert catalogues.compile_all() == []


def test_families_words_follow_their_english_and_keep_what_was_translated(
    tmp_path: Path, settings: Any
) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    file = family_words.path_of("vi")
    file.parent.mkdir(parents=True)
    file.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        '#, fuzzy\nmsgid "Send"\nmsgstr "Gửi"\n\n'
        'msgid "Save"\nmsgstr "Lưu"\n\nmsgid "Said no more"\nmsgstr "Thôi"\n',
        encoding="utf-8",
    )
    family_upkeep.update("vi", ["Save", "Or call %(phone)s.", "Send"])
    kept = {entry.id: (entry.string, entry.fuzzy) for entry in catalogue.read(file) if entry.id}
    assert kept == {
        "Save": ("Lưu", False),
        "Or call %(phone)s.": ("", False),
        "Send": ("Gửi", True),
    }
    before = file.read_bytes()
    family_upkeep.update("vi", ["Save", "Or call %(phone)s.", "Send"])
    assert file.read_bytes() == before
