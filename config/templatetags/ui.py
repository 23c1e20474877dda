"""The design system's template tags; docs/design-system.md shows each in use."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.forms.widgets import FileInput, Textarea
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.models import CampaignState, MessageState, Reply, StepText
from contacts.models import AidStatus, ApplicationPath, Channel, Consent, ContactImport

register = template.Library()

# Icons that point along the line of reading, so they turn round in right-to-left pages.
DIRECTED = {"arrow-left", "arrow-right", "reply", "send", "sign-out", "undo"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; decorative unless it has a label."""
    href = f"{static('img/icons.svg')}#{name}"
    classes = "icon icon--directed" if name in DIRECTED else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            classes,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href
    )


WIDGET_CLASSES = {"select": "select", "textarea": "textarea", "text": "input"}


def _kind(field: BoundField) -> str:
    """How a field is laid out: choices (radios, check boxes), check, select, textarea or text."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, Select):
        return "select"
    return "textarea" if isinstance(widget, Textarea) else "text"


@register.inclusion_tag("components/field.html")
def field(field: BoundField, **attributes: Any) -> dict[str, Any]:
    """A form field with label, help and error.

    `class` goes to the wrapper, `label` replaces the field's own, the rest goes to the widget.
    """
    wrapper = attributes.pop("class", "")
    if label := attributes.pop("label", ""):
        field.label = label
    kind = _kind(field)
    attributes = {name.replace("_", "-"): value for name, value in attributes.items()}
    if kind in WIDGET_CLASSES:
        attributes["class"] = WIDGET_CLASSES[kind]
    described = [
        f"{field.auto_id}-{part}"
        for part, there in (("help", field.help_text), ("error", field.errors))
        if there
    ]
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if field.errors:
        attributes["aria-invalid"] = "true"
    return {
        "field": field,
        "kind": kind,
        "wrapper": wrapper,
        "widget": field.as_widget(attrs=attributes) if kind != "choices" else "",
        "optional": not field.field.required and not isinstance(field.field.widget, FileInput),
    }


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(
    context: template.Context, label: str, name: str, sort: str, numeric: bool = False
) -> dict[str, Any]:
    """A column header that sorts by `name`, the other way when it already does."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else None
    descending = sort == f"-{name}"
    current = sort in (name, f"-{name}")
    first_way = f"-{name}" if numeric else name
    target = first_way if not current else (name if descending else f"-{name}")
    if query is not None:
        query["sort"] = target
        query.pop("page", None)
    return {
        "label": label,
        "numeric": numeric,
        "url": f"?{query.urlencode()}" if query is not None else f"?sort={target}",
        "current": current,
        "descending": descending,
    }


# kind → the model's choices, and for each value its tone and icon.
STATUSES: dict[str, tuple[Any, dict[str, tuple[str, str]]]] = {
    "campaign": (
        CampaignState,
        {
            "draft": ("neutral", "edit"),
            "running": ("info", "send"),
            "paused": ("warning", "pause"),
            "finished": ("ok", "check-circle"),
            "cancelled": ("neutral", "slash"),
        },
    ),
    "message": (
        MessageState,
        {
            "pending": ("neutral", "clock"),
            "claimed": ("info", "send"),
            "sent": ("info", "check"),
            "delivered": ("ok", "check-circle"),
            "failed": ("danger", "x-circle"),
            "uncertain": ("warning", "question"),
            "skipped": ("neutral", "slash"),
            "expired": ("warning", "clock"),
            "cancelled": ("neutral", "slash"),
        },
    ),
    "aid": (
        AidStatus,
        {
            "not_started": ("neutral", "circle"),
            "in_progress": ("info", "half"),
            "submitted": ("info", "send"),
            "action_needed": ("warning", "alert"),
            "completed": ("ok", "check-circle"),
        },
    ),
    "review": (
        StepText.Review,
        {
            "draft": ("warning", "edit"),
            "changes": ("warning", "reply"),
            "approved": ("ok", "check-circle"),
        },
    ),
    "consent": (
        Consent,
        {
            "none": ("warning", "question"),
            "implied": ("ok", "check"),
            "explicit": ("ok", "check-circle"),
            "withdrawn": ("danger", "stop"),
        },
    ),
    "import": (
        ContactImport.State,
        {
            "mapping": ("warning", "list"),
            "preview": ("info", "eye"),
            "reading": ("info", "clock"),
            "importing": ("info", "clock"),
            "done": ("ok", "check-circle"),
            "undoing": ("info", "clock"),
            "undone": ("neutral", "x-circle"),
            "refused": ("danger", "x-circle"),
        },
    ),
    "meaning": (
        Reply.Meaning,
        {
            "stop": ("danger", "stop"),
            "start": ("ok", "play"),
            "help": ("info", "help"),
            "done": ("ok", "check-circle"),
            "language": ("info", "language"),
            "mailbox": ("info", "mail"),
            "question": ("warning", "question"),
        },
    ),
    "channel": (Channel, {"sms": ("neutral", "message"), "email": ("neutral", "mail")}),
    "path": (
        ApplicationPath,
        {
            "fafsa": ("neutral", "file"),
            "wasfa": ("neutral", "file"),
            "unspecified": ("neutral", "file"),
        },
    ),
}


@register.inclusion_tag("components/badge.html")
def status(kind: str, value: str) -> dict[str, Any]:
    """A badge for a value of one of the models' choices: icon, text and tone."""
    choices, looks = STATUSES[kind]
    tone, name = looks.get(value, ("neutral", "circle"))
    label = choices(value).label if value in choices.values else value
    return {"label": label, "tone": tone, "icon": name}


@register.filter
def better_or_worse(change: str, better: str) -> str:
    """`good`, `bad` or nothing: how a signed change reads when `up` or `down` is the better way."""
    sign = {"+": "up", "-": "down", "−": "down"}.get(str(change)[:1], "")
    if not sign or not better:
        return ""
    return "good" if sign == better else "bad"


@register.simple_tag
def change_icon(change: object) -> SafeString:
    """An arrow up or down for a signed change; nothing for one without a sign."""
    name = {"+": "arrow-up", "-": "arrow-down", "−": "arrow-down"}.get(str(change)[:1])
    return icon(name) if name else SafeString("")


@register.filter
def initials(name: object) -> str:
    """The first letters of the first and the last word of a name: "Robin Lee" is "RL"."""
    words = str(name).split("@")[0].split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon that goes with an alert's tone."""
    return icon(
        {
            "ok": "check-circle",
            "success": "check-circle",
            "warning": "alert",
            "danger": "x-circle",
            "error": "x-circle",
        }.get(tone, "info")
    )
