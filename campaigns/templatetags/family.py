"""What a family's page says, in the family's language."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def say(context: dict[str, Any], text: str, **values: str) -> SafeString:
    """A text of families.po by the page's `words` (family_words.Words), values in place.

    A value keeps its own direction: a phone number reads from left to right in Arabic too.
    """
    escaped = {name: format_html("<bdi>{}</bdi>", value) for name, value in values.items()}
    said = conditional_escape(context["words"].translated(text))
    return mark_safe(said % escaped if escaped else said)


@register.simple_tag(takes_context=True)
def say_text(context: dict[str, Any], text: str, **values: str) -> SafeString:
    """As `say`, for a text that the view chose."""
    return say(context, text, **values)
