"""Keeps `packs.po` in step with the English of the packs: what is new, what changed, what lacks.

No GNU gettext is needed. `manage.py update_packs` writes, `manage.py check_catalogues` reads.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from campaigns import packs
from campaigns.words import catalogue, phrases, placeholders
from campaigns.words.forms_named import forms_named
from contacts import languages

# Every pack message must be written in these (RULES §5), beside English.
REQUIRED: tuple[str, ...] = (
    *("es", "ru", "uk", "vi", "so", "ar", "zh-Hans", "zh-Hant", "ko", "fil"),
    *("pa", "am", "ti", "fa-AF", "ps", "mh"),
)
# Lines of a catalogue's head that say nothing here, or change with each writing.
UNKEPT = (
    *("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date"),
    *("Last-Translator", "Language-Team", "Generated-By"),
)
Key = tuple[str | None, str]  # context, English words


def sources() -> dict[Key, list[str]]:
    """Everything to translate, in the order of the school year, and where each is said."""
    said: dict[Key, list[str]] = {}
    for path in sorted(packs.FOLDER.glob("*.toml")):
        pack = packs.read(path)
        for step in pack.steps:
            for text in (each for each in step.texts if each.language == "en"):
                for part in [text.subject, *catalogue.paragraphs(text.body)]:
                    if part and catalogue.needs_translation(part):
                        kind = "subject" if part == text.subject else text.channel
                        said.setdefault((None, part), []).append(f"{pack.name}: {kind}")
    for name, sentence in phrases.PHRASES.items():
        said[catalogue.PHRASE, sentence] = [name]
    return said


def gaps(language: str) -> list[str]:
    """What a language's catalogue lacks or breaks, one line each."""
    path = catalogue.path_of(language)
    if not path.is_file():
        return [f"{path.name} is not there"]
    entries = catalogue.read(path)
    found = []
    for context, source in sources():
        entry = entries.get(source, context)
        found += [f"{why}: {source!r}" for why in _wrong(entry, entries.num_plurals)]
    return found


def _wrong(entry: Message | None, plurals: int) -> list[str]:
    """Why a translation must not be used; nothing for a good one, draft or not."""
    if entry is None:
        return ["missing"]
    several = isinstance(entry.string, tuple | list)
    forms = [str(form or "") for form in (entry.string or () if several else [entry.string])]
    if not all(forms) or (several and len(forms) != plurals):
        return ["untranslated"]
    source = entry.id if isinstance(entry.id, str) else entry.id[-1]
    return [why for form in forms for why in faults(source, form)]


def faults(source: str, words: str) -> list[str]:
    """What a translation lost or invented: placeholders, names of forms, words to answer."""
    found = []
    if placeholders.has_stray_brace(words) or placeholders.used(words) != placeholders.used(source):
        found.append("placeholders differ")
    if forms_named(words) != forms_named(source):
        found.append("names other forms")
    return found + [f"{word} differs" for word in placeholders.missing_answers(words, source)]


def update(language: str) -> Catalog:
    """Writes the catalogue anew: the English of today, what was translated of it, in order.

    A changed English paragraph is a new one: its old translation is left out, so that no family
    reads words for something that is not said any more.
    """
    path = catalogue.path_of(language)
    old = catalogue.read(path) if path.is_file() else Catalog()
    new = Catalog(
        locale=language.replace("-", "_"),
        header_comment=(
            f"# What families read, in {languages.get(language).english}: docs/translating.md.\n"
            "# fuzzy = a draft that waits for a reader of the language; it is never sent."
        ),
        fuzzy=False,
    )
    for (context, source), places in sources().items():
        known = old.get(source, context)
        flags = {"fuzzy"} if known and known.fuzzy and known.string else set()
        string = str(known.string) if known else ""
        more = [f"and {len(places) - 3} more"] if len(places) > 4 else places[3:]
        comments = [", ".join([*places[:3], *more])]
        new.add(source, string, context=context, flags=flags, auto_comments=comments)
    save(path, new)
    return new


def save(path: Path, entries: Catalog, *, width: int = 100) -> None:
    """Writes a catalogue, without what would change each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, entries, width=width)
    words = path.read_text(encoding="utf-8")
    kept = [line for line in words.splitlines() if not line.lstrip('"').startswith(UNKEPT)]
    path.write_text("\n".join(kept).rstrip() + "\n", encoding="utf-8")
