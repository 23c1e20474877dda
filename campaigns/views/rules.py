"""Further conditions on a draft's audience, one change at a time, and audiences kept for later.

Every change is a plain form; htmx only spares the page.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.forms.rule_forms import ConditionForm
from campaigns.models import Campaign, SavedAudience
from campaigns.targeting import conditions, rule_edits
from campaigns.targeting.conditions import BadRule, Node
from campaigns.targeting.reach import reach_of
from campaigns.views.common import crumbs, draft_for, made_up, staff
from campaigns.views.reach import reach_context
from schools import audit
from schools.models import School, User


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The tree of conditions; a POST changes one thing of it."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    tree = rule_edits.rooted(campaign.audience.get("rule"))
    form = _condition_form(request, campaign, user)
    if request.method == "POST":
        try:
            if form is None:
                _keep(campaign, _changed(tree, request.POST))
                return redirect("campaign-rule", pk)
            if form.is_valid():
                _keep(campaign, rule_edits.add(tree, request.POST.get("path", ""), form.node()))
                return redirect("campaign-rule", pk)
        except BadRule as problem:
            messages.error(request, str(problem) or _("That condition is no longer there."))
            return redirect("campaign-rule", pk)
    names = _names(campaign, user)
    return render(
        request,
        "campaigns/rule.html",
        {
            "campaign": campaign,
            "crumbs": crumbs((campaign.name, campaign.get_absolute_url()), (_("Conditions"), "")),
            "made_up": made_up(campaign),
            "tree": _shown(tree, "", names),
            "form": form,
            "adding": request.GET.get("add") if "add" in request.GET else None,
            "fields": conditions.FIELDS.items(),
            **reach_context(reach_of(campaign)),
        },
    )


def _condition_form(request: HttpRequest, campaign: Campaign, user: User) -> ConditionForm | None:
    """The form of the condition that is being added, if any."""
    source = request.POST if request.method == "POST" else request.GET
    name = source.get("field", "")
    if name not in conditions.FIELDS:
        return None
    data = request.POST if request.method == "POST" else None
    return ConditionForm(data, name=name, campaign=campaign, user=user)


def _changed(tree: Node, asked: Any) -> Node:
    path = asked.get("path", "")
    match asked.get("do", ""):
        case "group":
            return rule_edits.add(tree, path, {"any": []})
        case "remove":
            return rule_edits.remove(tree, path)
        case "not":
            return rule_edits.turn_around(tree, path)
        case "switch":
            return rule_edits.switch(tree, path)
    raise BadRule


def _keep(campaign: Campaign, tree: Node) -> None:
    rest = {key: value for key, value in campaign.audience.items() if key != "rule"}
    campaign.audience = rest | ({"rule": tree} if conditions.children(tree) else {})
    campaign.save(update_fields=["audience"])


def _names(campaign: Campaign, user: User) -> dict[str, str]:
    """What schools and campaigns are called that the conditions name by number."""
    found = {
        f"school {school.nces_id}": school.name
        for school in School.objects.whose_families(user).filter(district=campaign.district)
    }
    others = Campaign.objects.visible_to(user).filter(district=campaign.district)
    return found | {f"campaign {each.pk}": each.name for each in others}


def _shown(node: Node, path: str, names: dict[str, str]) -> dict[str, Any]:
    """A node as the page draws it, with its children."""
    inner = node.get("not", node)
    kind = next((kind for kind in conditions.GROUPS if kind in inner), "")
    return {
        "path": path,
        "kind": kind,
        "negated": "not" in node,
        "words": conditions.in_words(inner, names),
        "children": [
            _shown(child, f"{path}.{at}" if path else str(at), names)
            for at, child in enumerate(conditions.children(inner))
        ],
    }


@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps a draft's audience under a name, for the district's next campaigns."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    name = " ".join(request.POST.get("name", "").split())[:80]
    if not name:
        messages.error(request, _("Give the audience a name."))
        return redirect("campaign-who", pk)
    try:
        with transaction.atomic():
            kept = SavedAudience.objects.create(
                district=campaign.district,
                name=name,
                audience=campaign.audience,
                created_by=user,
            )
    except IntegrityError:
        messages.error(request, _("The district has an audience of this name already."))
        return redirect("campaign-who", pk)
    audit.record(user, "audience.saved", f"audience {kept.pk}", district=campaign.district)
    messages.success(request, _("Saved for the next campaign."))
    return redirect("campaign-who", pk)


@require_POST
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a saved audience for a draft."""
    user = staff(request)
    if not (campaign := draft_for(user, pk)):
        return redirect("campaign", pk)
    saved = get_object_or_404(
        SavedAudience.objects.visible_to(user).filter(district=campaign.district),
        pk=request.POST.get("saved") if request.POST.get("saved", "").isdecimal() else 0,
    )
    if request.POST.get("do") == "remove":
        audit.record(user, "audience.removed", f"audience {saved.pk}", district=campaign.district)
        saved.delete()
        messages.success(request, _("Taken away."))
    else:
        campaign.audience = dict(saved.audience)
        campaign.save(update_fields=["audience"])
        messages.success(request, _("Now it is for: %(name)s.") % {"name": saved.name})
    return redirect("campaign-who", pk)


def in_words(campaign: Campaign, user: User) -> str:
    """A draft's further conditions in one line; empty where it has none."""
    rule = campaign.audience.get("rule")
    if not rule:
        return ""
    return conditions.whole_in_words(rule, _names(campaign, user))
