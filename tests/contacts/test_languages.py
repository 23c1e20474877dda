"""Languages as forms, student systems and families write them."""

from __future__ import annotations

import pytest
from babel import Locale
from django.utils import translation

from contacts import languages

# OSPI's report to the Legislature for 2023-24, and its top ten of 2015-16: the most spoken home
# languages of Washington's multilingual learners, with their ISO 639-3 codes.
WASHINGTON = [
    ("Spanish", "es", "spa"), ("Russian", "ru", "rus"), ("Ukrainian", "uk", "ukr"),
    ("Vietnamese", "vi", "vie"), ("Dari", "fa-AF", "prs"), ("Arabic", "ar", "ara"),
    ("Marshallese", "mh", "mah"), ("Mandarin Chinese", "zh-Hans", "cmn"), ("Somali", "so", "som"),
    ("Pashto", "ps", "pus"), ("Tagalog", "fil", "tgl"), ("Korean", "ko", "kor"),
    ("Punjabi", "pa", "pan"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code", "iso"), WASHINGTON)
def test_washingtons_home_languages_are_known_by_name_and_code(
    name: str, code: str, iso: str
) -> None:
    for text in (name, name.upper(), code, code.lower(), code.replace("-", "_"), iso, iso.upper()):
        assert languages.understand(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # student systems
        ("Spanish; Castilian", "es"), ("ESP", "es"), ("spa - Spanish", "es"), ("190 Spanish", "es"),
        ("Vietnamese (VI)", "vi"), ("Chinese - Cantonese", "zh-Hant"), ("Tigrigna", "ti"),
        ("Mandarin", "zh-Hans"), ("Farsi/Dari", "fa-AF"), ("English - United States", "en"),
        ("Greek, Modern (1453-)", "el"), ("Haitian; Haitian Creole", "ht"), ("Other: Somali", "so"),
        ("Khmer/Cambodian", "km"), ("Home Language: Korean", "ko"),
        # ISO 639-2, terminological and bibliographic
        ("deu", "de"), ("ger", "de"), ("zho", "zh-Hans"), ("chi", "zh-Hans"), ("fas", "fa"),
        ("per", "fa"), ("mya", "my"), ("bur", "my"), ("ron", "ro"), ("rum", "ro"), ("hye", "hy"),
        ("arm", "hy"), ("MON", "mn"),
        # tags
        ("es_MX", "es"), ("ES-mx", "es"), ("es-419", "es"), ("zh-TW", "zh-Hant"),
        ("zh_Hant_TW", "zh-Hant"), ("zh-hk", "zh-Hant"), ("zh_CN", "zh-Hans"), ("fa_AF", "fa-AF"),
        ("pt-BR", "pt"), ("sr-Latn", "sr"), ("pa-Guru-IN", "pa"), ("EN-us", "en"),
        # in Spanish
        ("Inglés", "en"), ("vietnamita", "vi"), ("Ruso", "ru"), ("ucraniano", "uk"),
        ("Árabe", "ar"), ("coreano", "ko"), ("chino", "zh-Hans"), ("Tagalo", "fil"),
        ("camboyano", "km"), ("Español y Español", "es"),
        # misspelt
        ("Spansh", "es"), ("Spanich", "es"), ("Vietnamise", "vi"), ("Somalian", "so"),
        ("Marshalese", "mh"), ("Ukranian", "uk"), ("Portugese", "pt"), ("Romaniann", "ro"),
        ("Japanees", "ja"), ("Phillipino", "fil"), ("Ukrainain", "uk"),
    ],
)  # fmt: skip
def test_the_ways_in_which_a_language_is_written(text: str, code: str) -> None:
    assert languages.understand(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "Javanese", "Tsonga", "Prussian", "Aromanian", "Western Mari", "Southern Kurdish", "Mon",
        "Nuer", "Dinka", "Chuj", "Zomi", "Javanees", "Sinhalese", "Icelandic", "Aramaic", "Turkmen",
        "Spanish/Russian", "Spanish, Mixe", "Unknown", "Other", "n/a", "Sign", "12", "",
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_not_taken_for_one(text: str) -> None:
    assert languages.understand(text) is None


def test_neighbours_are_told_apart() -> None:
    pairs = {"Romanian": "ro", "Armenian": "hy", "Danish": "da", "Spanish": "es", "Slovak": "sk",
             "Slovenian": "sl", "Malay": "ms", "Malayalam": "ml", "Karen": "ksw", "Korean": "ko",
             "Tajik": "tg", "Turkish": "tr", "Lao": "lo", "Thai": "th", "Tongan": "to"}  # fmt: skip
    assert {name: languages.understand(name) for name in pairs} == pairs


def test_no_language_that_cldr_names_is_corrected_into_another() -> None:
    ours = {languages._key(way) for way in languages._names()}
    for code, name in Locale("en").languages.items():
        found = languages.understand(name)
        base = (found or "").partition("-")[0]
        assert found is None or base == code.partition("_")[0] or languages._key(name) in ours


def test_staff_read_the_names_of_languages_in_their_own() -> None:
    arabic, mixtec = languages.get("ar"), languages.get("mix")
    assert (arabic.name, mixtec.name) == ("Arabic", "Mixtec")
    with translation.override("es"):
        assert (arabic.name, arabic.in_a_sentence) == ("Árabe", "árabe")
        assert languages.get("zh-Hans").name == "Chino simplificado"
        assert mixtec.name == "Mixtec"  # CLDR has no word for it


@pytest.mark.parametrize("reader", ["en", "es"])
def test_a_name_that_staff_read_is_understood_again(reader: str) -> None:
    with translation.override(reader):
        said = {code: language.name for code, language in languages.LANGUAGES.items()}
    assert {code: languages.understand(name) for code, name in said.items()} == {
        code: code for code in said
    }
