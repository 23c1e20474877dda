"""What a wish to hear no more is about: texts, e-mails, or all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.inbox import channels_named, keywords
from campaigns.models import Reply

SMS, EMAIL, BOTH, NONE = {"sms"}, {"email"}, {"sms", "email"}, set[str]()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("stop texting me", SMS),
        ("You have the wrong number", SMS),
        ("no more e-mails please", EMAIL),
        ("STOP. This is the third time", NONE),
        ("STOP. Email me instead", NONE),
        ("do not text, email me", SMS),
        ("stop texting me email me", SMS),
        ("Stop texting me because email works better", SMS),
        ("no me escriban al celular, escriban al correo", SMS),
        ("Número equivocado, usen mi correo", SMS),
        ("No quiero mensajes por correo", EMAIL),
        ("opt out of emails", EMAIL),
        ("take me off your text list", SMS),
        ("Unsubscribe me from these emails, texts are fine", EMAIL),
        ("stop all emails", EMAIL),
        ("stop sending these messages to my email", EMAIL),
        ("Stop sending emails to us\nTexts are fine", EMAIL),
        # Lists, and two wishes.
        ("stop texting and emailing me", BOTH),
        ("stop texting me or emailing me", BOTH),
        ("Do not text or email me", BOTH),
        ("Don't text me, don't email me", BOTH),
        ("Stop texting me. Stop emailing me too", BOTH),
        ("stop contacting me by text or email", BOTH),
        ("no more texts, emails or calls", BOTH),
        ("unsubscribe me from these emails and texts", BOTH),
        ("No más correos ni mensajes de texto", BOTH),
        ("dejen de mandar mensajes de texto y correos", BOTH),
        # All.
        ("leave me alone", BOTH),
        ("Unsubscribe me", BOTH),
        ("Quítenme de la lista", BOTH),
        ("stop all", BOTH),
        ("STOPALL", BOTH),
        ("Stop all, please!", BOTH),
        ("Stop everything", BOTH),
        ("stop all messages", BOTH),
        ("Paren todo", BOTH),
    ],
)
def test_a_wish_says_what_it_is_about(text: str, named: set[str]) -> None:
    assert keywords.meaning_of(text) == Reply.Meaning.STOP
    assert channels_named.named(text) == named


NO_TEXTS = ["Stop texting me", "Please don't text me", "No more texts", "Wrong number",
            "No más textos", "Número equivocado", "Dejen de mandar mensajes de texto"]  # fmt: skip
NO_MAILS = ["Stop emailing me", "No more e-mails", "Unsubscribe me from these emails",
            "No más correos", "No quiero correos", "Quítenme de la lista de correos"]  # fmt: skip
BY_MAIL = ["please email me instead", "email me", "use my email", "I prefer e-mail",
           "manden correo", "escriban a mi correo", "prefiero correo"]  # fmt: skip
BY_TEXT = ["please text me instead", "text me", "use my phone", "I prefer texts",
           "manden mensajes de texto", "escriban a mi celular", "Phone: 206-555-0100"]  # fmt: skip
BETWEEN = st.sampled_from(
    [", ", ". ", "; ", "\n", "\n\n", " - ", ", but ", " and please ", ", pero "]
)
CASE = st.sampled_from([str, str.upper, str.lower])


@given(no=st.sampled_from(NO_TEXTS), yes=st.sampled_from(BY_MAIL), between=BETWEEN, case=CASE)
def test_mail_asked_for_after_a_no_to_texts_is_not_stopped(no, yes, between, case) -> None:  # type: ignore[no-untyped-def]
    text = case(no + between + yes)
    assert keywords.meaning_of(text) == Reply.Meaning.STOP
    assert channels_named.named(text) == SMS
    assert channels_named.mentioned(text) == BOTH


@given(no=st.sampled_from(NO_MAILS), yes=st.sampled_from(BY_TEXT), between=BETWEEN, case=CASE)
def test_texts_asked_for_after_a_no_to_mail_are_not_stopped(no, yes, between, case) -> None:  # type: ignore[no-untyped-def]
    text = case(no + between + yes)
    assert keywords.meaning_of(text) == Reply.Meaning.STOP
    assert channels_named.named(text) == EMAIL


@given(no=st.sampled_from(NO_TEXTS), too=st.sampled_from(NO_MAILS), between=BETWEEN, case=CASE)
def test_two_wishes_stop_both(no, too, between, case) -> None:  # type: ignore[no-untyped-def]
    assert channels_named.named(case(no + between + too)) == BOTH
