"""What a text message costs, against an independent counter."""

import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.words import segments

GSM = "".join(sorted(segments.BASIC | segments.EXTENSION))


def agrees(text):
    found, oracle = segments.count(text), smsutil.split(text)
    assert found.segments == len(oracle.parts)
    assert (found.encoding == segments.GSM7) == smsutil.is_valid_gsm(text)


@given(st.text(alphabet=GSM, min_size=1, max_size=700))
@example("€" * 80)
@example("€" * 81)
@example("a" * 152 + "€" + "b" * 100)
def test_plain_texts_cost_what_an_independent_counter_says(text):
    agrees(text)


# The oracle takes a bare escape for a character; no text holds one.
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\x1b")


@given(st.text(alphabet=ANY, min_size=1, max_size=400))
@example("í" * 71)
@example("😀" * 36)
@example("a" * 66 + "😀" + "b" * 60)
def test_texts_in_any_script_cost_what_an_independent_counter_says(text):
    agrees(text)


def test_spanish_accents_are_named_as_the_reason_and_never_stripped():
    cost = segments.count("¿Ya llenó la solicitud? Está abierta")
    assert cost.encoding == segments.UCS2
    assert cost.forcing == ["ó", "á"]
    assert cost.replacements == {}
    assert segments.straighten("Está") == "Está"


def test_curly_marks_can_be_made_straight_and_then_cost_less():
    text = "It’s open – start “tonight”…"
    cost = segments.count(text)
    assert set(cost.replacements) == {"’", "–", "“", "”", "…"}
    assert segments.count(segments.straighten(text)).encoding == segments.GSM7


def test_an_empty_text_costs_nothing():
    assert segments.count("").segments == 0
