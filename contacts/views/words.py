"""Words of files that nobody understood: a person says once what each means."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from contacts import vocabulary
from contacts.imports import uploads
from contacts.imports.problems import BadFile
from contacts.models import Contact, ContactImport, FileWord
from contacts.permissions import families_only, staff
from contacts.views.review import page_of
from schools.models import School

PAGE = 25
NO_SUCH = "-"


@families_only
def queue(request: HttpRequest) -> HttpResponse:
    """Words to explain (or, with `shown=explained`, those that were), many on one form."""
    user = staff(request)
    upload = _upload(request)
    explained = request.GET.get("shown") == "explained"
    words = FileWord.objects.visible_to(user).select_related("district__state")
    words = words.explained() if explained else words.open()
    if upload is not None:
        words = words.filter(upload=upload)
    if request.method == "POST":
        return _keep(request, list(words), upload)
    theirs = Q(contacts__in=Contact.objects.visible_to(user).values("pk"))
    counted: Any = words.annotate(families=Count("contacts", filter=theirs))
    page = Paginator(counted.order_by("kind", "-rows", "word"), PAGE).get_page(
        request.GET.get("page")
    )
    schools = list(School.objects.filter(district__in={word.district_id for word in page}))
    for word in page:
        word.choices = vocabulary.choices(word, schools)
        word.perhaps = vocabulary.perhaps(word) if not explained else []
    made_up = any(word.district.state.made_up for word in page)
    context = page_of(request, "file-words", page, made_up)
    context |= {"upload": upload, "explained": explained, "no_such": NO_SUCH}
    return render(request, "contacts/review/words.html", context)


def _upload(request: HttpRequest) -> ContactImport | None:
    """The import whose words the page is about, if it names one."""
    try:
        key = UUID(request.GET.get("import", ""))
    except ValueError:
        return None
    return ContactImport.objects.visible_to(request.user).filter(pk=key).first()


def _keep(request: HttpRequest, words: list[Any], upload: ContactImport | None) -> HttpResponse:
    """Keeps every answer given; an import that waits for them is read anew."""
    user, now = staff(request), timezone.now()
    schools = list(School.objects.filter(district__in={word.district_id for word in words}))
    told = changed = 0
    for word in words:
        answer = request.POST.get(f"word-{word.pk}", "")
        known = {value for value, _label in vocabulary.choices(word, schools)}
        meaning = "" if answer == NO_SUCH else answer
        unchanged = word.decided_at and word.meaning == meaning
        if answer not in known | {NO_SUCH} or unchanged:
            continue
        changed += vocabulary.explain(word, meaning, by=user, now=now)
        told += 1
    if told:
        messages.success(request, _told(told, changed))
    if upload is not None and told and upload.state == ContactImport.State.PREVIEW:
        try:
            uploads.preview(upload, upload.mapping, now=now)
        except BadFile as error:
            messages.error(request, str(error))
        return redirect(upload)
    return redirect(f"{reverse('file-words')}?{request.GET.urlencode()}")


def _told(words: int, families: int) -> str:
    kept = ngettext("%(n)s word is explained.", "%(n)s words are explained.", words) % {"n": words}
    if not families:
        return kept
    moved = ngettext(
        "%(n)s person’s language was set.", "%(n)s people’s languages were set.", families
    )
    return f"{kept} {moved % {'n': families}}"
