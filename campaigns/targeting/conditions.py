"""Conditions on students, joined by and, or, not: a small tree, kept as JSON.

    {"all": [node, …]}   {"any": [node, …]}   {"not": node}
    {"field": "status", "in": ["in_progress"]}
    {"field": "status_days", "min": 14}
    {"field": "replied", "in": ["question"], "days": 30}
    {"field": "arm", "campaign": 7, "in": ["held_out"]}

Nothing else is understood (`check` says what is wrong and where), so a tree from a file or a page
can do no more than what is written here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Arm, Assignment, Click, Message, Reply
from campaigns.models.campaign import VARIANTS
from contacts import consent, languages
from contacts.models import AidStatus, ApplicationPath, Channel, ContactPoint, Guardianship, Student

Node = dict[str, Any]

DEEPEST = 5
MOST_NODES = 60
LONGEST_LIST = 100
MOST_DAYS = 3650

FIELDS = {
    "status": gettext_lazy("Where the application stands"),
    "status_days": gettext_lazy("How long it has stood there"),
    "path": gettext_lazy("Form they file"),
    "grade": gettext_lazy("Grade"),
    "school": gettext_lazy("School"),
    "language": gettext_lazy("Language"),
    "tag": gettext_lazy("Tag"),
    "channel": gettext_lazy("Can be reached by"),
    "replied": gettext_lazy("Has answered"),
    "opened": gettext_lazy("Has opened a message's link"),
    "heard": gettext_lazy("Has heard from us"),
    "arm": gettext_lazy("Arm of an earlier campaign"),
}
KNOWN: dict[str, list[str]] = {
    "status": list(AidStatus.values),
    "path": list(ApplicationPath.values),
    "channel": list(Channel.values),
    "replied": list(Reply.Meaning.values),
    "arm": [*Arm.values, *VARIANTS],
}
IN_DAYS = ("replied", "opened", "heard")
GROUPS = {
    "all": gettext_lazy("All of these"),
    "any": gettext_lazy("At least one of these"),
}


class BadRule(Exception):
    """The tree is not of the form above; the message says where and why."""


def check(node: Any) -> Node:
    """The tree, unchanged, if every node is understood. Raises BadRule."""
    for count, (_path, each, depth) in enumerate(walk(node), start=1):
        if depth > DEEPEST:
            raise BadRule(_("Conditions lie too deep in one another."))
        if count > MOST_NODES:
            raise BadRule(_("Too many conditions."))
        _check_one(each)
    return dict(node)


def walk(node: Any, path: str = "", depth: int = 1) -> Iterator[tuple[str, Any, int]]:
    """Every node with its path (`0.2`: the third within the first) and its depth."""
    yield path, node, depth
    if depth > DEEPEST:
        return
    for at, child in enumerate(children(node)):
        yield from walk(child, f"{path}.{at}" if path else str(at), depth + 1)


def children(node: Any) -> list[Any]:
    """The nodes that a group or a "not" holds."""
    if not isinstance(node, Mapping):
        return []
    for kind in GROUPS:
        if isinstance(node.get(kind), list):
            return list(node[kind])
    return [node["not"]] if "not" in node else []


def as_q(node: Mapping[str, Any], *, now: dt.datetime) -> Q:
    """The tree as a condition on students. An empty group asks nothing."""
    if "not" in node:
        return ~as_q(node["not"], now=now)
    for kind, joined in (("all", Q.AND), ("any", Q.OR)):
        if kind in node:
            whole = Q()
            for child in node[kind]:
                whole.add(as_q(child, now=now), joined)
            return whole
    return _one(node, now)


def _check_one(node: Any) -> None:
    if not isinstance(node, Mapping):
        raise BadRule(_("A condition is missing where one was expected."))
    keys = set(node)
    if keys in ({"all"}, {"any"}):
        if not isinstance(node[next(iter(keys))], list):
            raise BadRule(_("A group needs a list of conditions."))
        return
    if keys == {"not"}:
        return
    name = node.get("field")
    if not isinstance(name, str) or name not in FIELDS:
        raise BadRule(_("“%(name)s” is no condition that we know.") % {"name": name})
    allowed = {"field"} | keys_of(name)
    if keys - allowed:
        raise BadRule(
            _("%(field)s does not understand: %(keys)s.")
            % {"field": FIELDS[name], "keys": ", ".join(sorted(map(str, keys - allowed)))}
        )
    _check_values(name, node)


def keys_of(name: str) -> set[str]:
    """What a condition on `name` may carry beside its name."""
    match name:
        case "status_days":
            return {"min", "max"}
        case "opened" | "heard":
            return {"days"}
        case "replied":
            return {"in", "days"}
        case "arm":
            return {"campaign", "in"}
    return {"in"}


def _check_values(name: str, node: Mapping[str, Any]) -> None:
    field = FIELDS[name]
    for key in ("min", "max", "days", "campaign"):
        if key not in node:
            continue
        most = MOST_DAYS if key != "campaign" else 2**62
        value = node[key]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise BadRule(_("%(field)s needs a whole number of days.") % {"field": field})
    if name == "status_days" and not {"min", "max"} & set(node):
        raise BadRule(_("%(field)s needs a whole number of days.") % {"field": field})
    if name == "arm" and "campaign" not in node:
        raise BadRule(_("Name the campaign whose arms are meant."))
    if "in" not in keys_of(name) or (name == "replied" and "in" not in node):
        return
    values = node.get("in")
    if (
        not isinstance(values, list)
        or not values
        or len(values) > LONGEST_LIST
        or not all(isinstance(value, str) for value in values)
    ):
        raise BadRule(_("Choose at least one for: %(field)s.") % {"field": field})
    if unknown := set(values) - set(KNOWN.get(name, values)):
        raise BadRule(
            _("%(field)s knows no: %(values)s.")
            % {"field": field, "values": ", ".join(sorted(unknown))}
        )


def _one(node: Mapping[str, Any], now: dt.datetime) -> Q:
    values = node.get("in", [])
    since = now - dt.timedelta(days=node["days"]) if "days" in node else None
    match node["field"]:
        case "status":
            return Q(aid_status__in=values)
        case "status_days":
            return _stood(node, now)
        case "path":
            return Q(path__in=values)
        case "grade":
            return Q(grade__in=values)
        case "school":
            return Q(school__nces_id__in=values)
        case "tag":
            tagged = Student.tags.through.objects.filter(
                student=OuterRef("pk"), tag__name__in=values
            )
            return Q(Exists(tagged))
        case "language":
            readers = _ties().filter(contact__language__in=values)
            return Q(Exists(readers)) | Q(own_contact__language__in=values)
        case "channel":
            open_points = consent.allowed(ContactPoint.objects.filter(channel__in=values))
            theirs = open_points.filter(contact__left_on=None).values("contact")
            return Q(Exists(_ties().filter(contact__in=theirs))) | Q(own_contact__in=theirs)
        case "replied":
            replies = Reply.objects.all()
            if values:
                replies = replies.filter(meaning__in=values)
            if since:
                replies = replies.filter(received_at__gte=since)
            who = replies.exclude(contact=None).values("contact")
            return Q(Exists(_ties().filter(contact__in=who))) | Q(own_contact__in=who)
        case "opened":
            clicks = Click.objects.by_people().filter(
                link=Click.Link.PAGE, message__household=OuterRef("household")
            )
            return Q(Exists(clicks.filter(at__gte=since) if since else clicks))
        case "heard":
            heard = Message.objects.filter(household=OuterRef("household"), campaign__isnull=False)
            heard = heard.filter(sent_at__isnull=False)
            return Q(Exists(heard.filter(sent_at__gte=since) if since else heard))
    drawn = Assignment.objects.filter(household=OuterRef("household"), campaign=node["campaign"])
    return Q(Exists(drawn.filter(Q(arm__in=values) | Q(variant__in=set(values) & set(VARIANTS)))))


def _stood(node: Mapping[str, Any], now: dt.datetime) -> Q:
    """How long the status has stood; one without a date has stood for longer than we know."""
    condition = Q()
    if "min" in node:
        begun = now - dt.timedelta(days=node["min"])
        condition &= Q(aid_status_since=None) | Q(aid_status_since__lte=begun)
    if "max" in node:
        condition &= Q(aid_status_since__gte=now - dt.timedelta(days=node["max"]))
    return condition


def _ties() -> Any:
    return Guardianship.objects.filter(
        student=OuterRef("pk"), may_contact=True, left_on=None, contact__left_on=None
    )


# In words ------------------------------------------------------------------------------------


def in_words(node: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    """One condition as a sentence; `names` tells schools and campaigns by what the tree has."""
    if "not" in node:
        return _("not: %(condition)s") % {"condition": in_words(node["not"], names)}
    for kind in GROUPS:
        if kind in node:
            return str(GROUPS[kind])
    field = FIELDS[node["field"]]
    told = [value_in_words(node["field"], value, names) for value in node.get("in", [])]
    parts = [f"{field}: {', '.join(told)}" if told else str(field)]
    if node["field"] == "arm":
        campaign = (names or {}).get(f"campaign {node['campaign']}", f"#{node['campaign']}")
        parts.append(f"({campaign})")
    parts += [_days(key, node[key]) for key in ("min", "max", "days") if key in node]
    return " ".join(parts)


def _days(key: str, n: int) -> str:
    told = {
        "min": ngettext("for at least %(n)s day", "for at least %(n)s days", n),
        "max": ngettext("for at most %(n)s day", "for at most %(n)s days", n),
        "days": ngettext("in the last %(n)s day", "in the last %(n)s days", n),
    }
    return told[key] % {"n": n}


def value_in_words(name: str, value: str, names: Mapping[str, str] | None = None) -> str:
    """One value as a person says it."""
    labels: dict[str, Any] = {
        "status": dict(AidStatus.choices),
        "path": dict(ApplicationPath.choices),
        "channel": dict(Channel.choices),
        "replied": dict(Reply.Meaning.choices),
        "arm": {**dict(Arm.choices), **{v: _("Wording %(name)s") % {"name": v} for v in VARIANTS}},
    }
    if name == "language":
        return languages.get(value).name
    if name == "school":
        return (names or {}).get(f"school {value}", value)
    return str(labels.get(name, {}).get(value, value))


def whole_in_words(node: Mapping[str, Any], names: Mapping[str, str] | None = None) -> str:
    """A whole tree in one line, groups in parentheses."""
    if "not" in node:
        return _("not: %(condition)s") % {"condition": whole_in_words(node["not"], names)}
    for kind, joint in (("all", _("and")), ("any", _("or"))):
        if kind in node:
            parts = [whole_in_words(child, names) for child in node[kind]]
            groups = [any(k in child for k in GROUPS) for child in node[kind]]
            told = [
                f"({part})" if grouped and len(parts) > 1 else part
                for part, grouped in zip(parts, groups, strict=True)
                if part
            ]
            return f" {joint} ".join(told)
    return in_words(node, names)
