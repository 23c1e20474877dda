"""What a family means, however it writes it."""

from __future__ import annotations

import string
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.inbox import keywords
from campaigns.models import Reply
from contacts import languages

Meaning = Reply.Meaning
TABLE = tomllib.loads(keywords.TABLE.read_text(encoding="utf-8"))
STOPS = sorted({word for words in TABLE["stop"].values() for word in words})
# 47 CFR 64.1200(a)(10), and the words that carriers add.
THE_RULES = ["STOP", "QUIT", "END", "REVOKE", "OPT OUT", "OPT-OUT", "OPTOUT", "CANCEL"]
THE_RULES += ["UNSUBSCRIBE", "STOPALL"]
LANGUAGES = ["en", "es", "ru", "uk", "vi", "so", "ar", "zh"]
LANGUAGES += ["ko", "fil", "pa", "am", "ti", "fa-AF", "ps", "mh"]
AROUND = st.text(alphabet=string.punctuation + " \t\n\r\u00a0¡¿…。！", max_size=6)


@pytest.mark.parametrize("meaning", ["stop", "start", "help", "done"])
def test_every_shipped_language_has_its_own_words(meaning: str) -> None:
    assert sorted(code for code, words in TABLE[meaning].items() if words) == sorted(LANGUAGES)


@pytest.mark.parametrize("word", THE_RULES)
def test_the_rules_own_words_stop(word: str) -> None:
    assert keywords.understand(word) == keywords.Understood(Meaning.STOP, alone=True)


@given(
    word=st.sampled_from([*STOPS, *THE_RULES]),
    before=AROUND,
    after=AROUND,
    change=st.sampled_from([str, str.upper, str.lower, str.title, str.swapcase]),
)
def test_stop_is_understood_in_any_case_and_punctuation(word, before, after, change) -> None:  # type: ignore[no-untyped-def]
    assert keywords.meaning_of(before + change(word) + after) == Meaning.STOP


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert keywords.meaning_of(text) in Meaning.values


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "Stop sending these messages",
        "PLEASE DON’T TEXT ME ANYMORE",
        "do not contact us again",
        "no more texts please",
        "Remove me from this list",
        "take my number off your list",
        "You have the wrong number",
        "leave me alone",
        "Stop. This is the third time I ask.",
        "STOP\nSent from my phone",
        "No me escriban más",
        "por favor dejen de mandar mensajes",
        "ya no me manden textos",
        "No quiero más mensajes",
        "número equivocado",
        "stop it!",
        "STOP STOP STOP",
        "S.T.O.P.",
        "Stopppp",
        "st0p",
        "sotp",
        "unsubcribe",
        "unsubscribed",
        "end messages",
        "do not text or e-mail me",
        "do not text, e-mail me",
        "please cancel all these texts",
        "do not text",
        "don't contact again!",
        "No más textos",
        "Quítenme de la lista",
    ],
)
def test_free_wording_stops_and_is_shown_to_a_person(text: str) -> None:
    assert keywords.understand(text) == keywords.Understood(Meaning.STOP, alone=False)


@pytest.mark.parametrize(
    "text",
    [
        "stop by the school tonight?",
        "Can we stop by at 5?",
        "How do we end up on this page?",
        "Where does the form end?",
        "My daughter wants to cancel her application, how?",
        "We don't send the form yet, right?",
        "I don't write English well, can you call?",
        "Can you take us through it?",
        "No me mandaron el código",
        "Ya no recibí el enlace, ¿me lo manda?",
        "no me manda el enlace la página",
        "¿Dónde paramos?",
        "We are not done with the signature",
        "Can somebody help me with the form?",
        "yes but she has no SSN",
        "Can I cancel my appointment?",
        "no more questions, thank you",
        "Do not text? or call?",
        "How do I remove a contributor?",
        "¿Para cuándo es?",
        "alot",
        "spot",
        "subscribe",
        "Mi correo no funciona",
        "",
        "👍",
    ],
)
def test_a_question_is_left_to_a_person(text: str) -> None:
    assert keywords.understand(text) == keywords.Understood(Meaning.QUESTION, alone=False)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Help!", Meaning.HELP),
        ("info", Meaning.HELP),
        ("Ayuda", Meaning.HELP),
        ("START", Meaning.START),
        ("unstop", Meaning.START),
        ("Done!!", Meaning.DONE),
        ("¡Listo!", Meaning.DONE),
        ("готово.", Meaning.DONE),
        ("No más", Meaning.STOP),
        ("No Mas.", Meaning.STOP),
        ("stop please", Meaning.STOP),
        ("Please stop. Thanks", Meaning.STOP),
    ],
)
def test_other_words_are_understood(text: str, meaning: str) -> None:
    assert keywords.meaning_of(text) == meaning


def test_no_word_is_listed_for_two_wishes() -> None:
    # "Yes" starts texts again as well as agreeing to them.
    wish = {"yes": "start"}
    seen: dict[str, str] = {}
    for listed in ("stop", "start", "help", "done", "yes", "language"):
        languages = TABLE[listed]
        meaning = wish.get(listed, listed)
        for word in {keywords.folded(w) for words in languages.values() for w in words}:
            assert seen.setdefault(word, meaning) == meaning


@pytest.mark.parametrize("code", [*LANGUAGES, "zh-Hans", "zh-Hant"])
def test_a_family_asks_for_its_language_by_its_own_name(code: str) -> None:
    if code == "zh":
        return  # both ways of writing it have names of their own
    own_name = languages.get(code).own_name
    understood = keywords.understand(f" {own_name.upper()}! ")
    assert (understood.meaning, understood.language) == (Meaning.LANGUAGE, code)


@pytest.mark.parametrize(
    ("text", "code"),
    [("ESPAÑOL", "es"), ("en espanol", "es"), ("tiếng việt", "vi"), ("Tieng Viet", "vi"),
     ("in Somali", "so"), ("English please", ""), ("Do you speak Spanish?", "")],
)  # fmt: skip
def test_only_the_name_alone_changes_the_language(text: str, code: str) -> None:
    assert keywords.understand(text).language == code


@pytest.mark.parametrize(
    "text",
    [
        "I am not interested, who is this?",
        "this is spam",
        "ok stop now thanks",
        "no gracias, no me interesa",
        "من فضلك توقف عن الرسائل",
        "请你们停止发送这些消息",
        "이런 문자는 이제 중지 해주세요",
        "Пожалуйста, больше не пишите мне",
        "Fadlan ha i soo dirin fariimahan",
        "xin đừng nhắn nữa",
        "ኣይትልኣኹ በጃኹም",
        "No thanks 🛑",
        "stp",
        "No more",
        "wrong person",
        "I revoke my consent",
    ],
)
def test_what_may_be_an_opt_out_is_put_before_a_person(text: str) -> None:
    assert keywords.understand(text) == keywords.Understood(
        Meaning.QUESTION, alone=False, perhaps_stop=True
    )


def test_a_stop_sign_alone_stops() -> None:
    assert keywords.understand("🛑").meaning == Meaning.STOP
