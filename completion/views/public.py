"""A region's totals for everybody: a page without a sign-in that other sites may embed.

Off until an administrator switches it on. It shows totals that may be told and nothing else: no
school, no form, no cookie, nothing from another host.
"""

from __future__ import annotations

from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_POST, require_safe

from completion import changes, figures, visible
from completion.permissions import may_publish, staff
from completion.visible import Seen, schools_of
from schools import audit
from schools.models import Region

FRESH, BEING_MADE = 3600, 60  # seconds that others may keep the page


@require_safe
@login_not_required
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]  # its views take no arguments
def region(request: HttpRequest, code: str) -> HttpResponse:
    """The region's tiles, lines and changes in its newest cycle; 404 where it is not public.

    Nobody keeps figures for long of which newer ones are being worked out.
    """
    place = get_object_or_404(Region.objects.select_related("state"), code=code, is_public=True)
    group, cycle, _cycles = Seen("regions", place, schools_of("regions", place)).in_cycle("")
    whole = visible.whole_state(place.state, cycle)
    being_made = group.being_made or bool(whole and whole.being_made)
    context = {
        "place": place,
        "being_made": being_made,
        "group": group,
        "cycle": cycle,
        "tiles": figures.tiles(group),
        "charts": figures.charts(group, cycle, []) if cycle else [],
        "changes": changes.of(group, place.state, whole),
        "made_up": place.state.made_up,
        "csrf_token": "",  # nothing to send, so no cookie
    }
    page = render(request, "completion/public.html", context)
    patch_cache_control(page, public=True, max_age=BEING_MADE if being_made else FRESH)
    return page


@require_POST
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Makes the page public, or takes it back."""
    user = staff(request)
    place = get_object_or_404(Region.objects.visible_to(user), code=code)
    if not may_publish(user, place):
        raise PermissionDenied
    place.is_public = request.POST.get("public") == "on"
    place.save(update_fields=["is_public"])
    action = "region.published" if place.is_public else "region.unpublished"
    audit.record(user, action, f"region:{place.code}")
    messages.success(
        request,
        _("Anybody may read this region's totals now.")
        if place.is_public
        else _("The public page is gone."),
    )
    return redirect(place)
