"""The few fixed sentences around a school's own words, by language.

English stands in where a language has none yet (contacts.languages.fallbacks names the order).
"""

from __future__ import annotations

from contacts import languages

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "stop": "Reply STOP to stop.",
        "student": "your student",
        "guardian": "family",
        "deadline": "coming soon",
        "days_left": "a short time",
        "help_phone": "your school",
        "why": "You receive this because {school} has this address for {student}.",
        "page": "Your page: next steps, questions, and how we write to you",
        "unsubscribe": "Stop these e-mails",
    },
    "es": {
        "stop": "Responda STOP para no recibir más.",
        "student": "su estudiante",
        "guardian": "familia",
        "deadline": "muy pronto",
        "days_left": "poco tiempo",
        "help_phone": "su escuela",
        "why": "Recibe este mensaje porque {school} tiene esta dirección para {student}.",
        "page": "Su página: próximos pasos, preguntas y cómo le escribimos",
        "unsubscribe": "Dejar de recibir estos correos",
    },
}


def phrase(name: str, language: str) -> str:
    """The sentence `name` in `language`, or in the nearest language that has it."""
    for code in [language, *languages.fallbacks(language)]:
        if code in PHRASES:
            return PHRASES[code][name]
    return PHRASES["en"][name]
