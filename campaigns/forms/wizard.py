"""The wizard's five forms; each saves a part of one draft campaign."""

from __future__ import annotations

import datetime as dt
from typing import Any

import phonenumbers
from django import forms
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import packs, readiness
from campaigns.forms.isolated import write_in
from campaigns.models import Campaign, Step, StepText
from campaigns.targeting.audience import Audience, fitting_paths
from campaigns.words import reviews, segments
from campaigns.words.placeholders import faults
from contacts import languages
from contacts.models import AidStatus, ApplicationPath, Channel, Contact, Student
from schools.models import Cycle, District, School, User

OWN_WORDS = "own"


def districts_to_write_to(user: User) -> Any:
    """Districts with families on record whom this person may write to."""
    students = Student.objects.visible_to(user)
    return District.objects.filter(pk__in=students.values("district")).order_by("name")


def schools_to_write_to(user: User, district: District) -> Any:
    """The district's schools with families on record whom this person may write to."""
    students = Student.objects.present().filter(district=district).values("school")
    return School.objects.whose_families(user).filter(pk__in=students, district=district)


def cycle_of(district: District, today: dt.date) -> Cycle:
    """The award year that the district's students file for: today's, else their newest."""
    name = Cycle.name_on(today)
    students = Student.objects.present().filter(district=district)
    if not students.filter(cycle=name).exists():
        name = students.order_by("-cycle").values_list("cycle", flat=True).first() or name
    return Cycle.objects.get_or_create(name=name)[0]


class WhatForm(forms.Form):
    """A ready pack or own words, and a name."""

    pack = forms.ChoiceField(label=_("Start from"), widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name of the campaign"),
        max_length=120,
        required=False,
        help_text=_("Only you and your colleagues see it. Empty: the pack's own title."),
    )
    district = forms.ModelChoiceField(label=_("District"), queryset=District.objects.none())

    def __init__(self, *args: Any, user: User, campaign: Campaign | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user, self.campaign = user, campaign
        districts = districts_to_write_to(user)
        asking = (
            campaign.district.sms_needs_opt_in
            if campaign
            else (districts.filter(sms_needs_opt_in=True).exists())
        )
        ready = {name: p for name, p in packs.ready().items() if asking or not p.invites}
        self.fields["pack"].choices = [  # type: ignore[attr-defined]
            *((name, pack.for_staff()["title"]) for name, pack in ready.items()),
            (OWN_WORDS, _("My own words")),
        ]
        self.fields["pack"].initial = next(iter(ready))
        self.fields["district"].queryset = districts  # type: ignore[attr-defined]
        if campaign:
            del self.fields["district"]
            self.fields["pack"].initial = campaign.pack or OWN_WORDS
            self.fields["name"].initial = campaign.name
        elif len(districts) == 1:
            self.fields["district"].initial = districts[0]
            self.fields["district"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pack = packs.ready().get(cleaned.get("pack", ""))
        district = self.campaign.district if self.campaign else cleaned.get("district")
        if pack and pack.invites and district and not district.sms_needs_opt_in:
            self.add_error("pack", readiness.NO_NEED_TO_ASK)
        return cleaned

    def save(self, *, now: dt.datetime) -> Campaign:
        """The draft: new, or renamed and, if the pack changed, with the pack's words and filter."""
        chosen = self.cleaned_data["pack"]
        pack = own_words() if chosen == OWN_WORDS else packs.ready()[chosen]
        name = self.cleaned_data["name"] or pack.for_staff()["title"]
        if self.campaign is None:
            district = self.cleaned_data["district"]
            campaign = packs.adopt(
                pack,
                district=district,
                schools=list(schools_to_write_to(self.user, district)),
                cycle=cycle_of(district, timezone.localdate(now)),
                by=self.user,
                now=now,
            )
        else:
            campaign = self.campaign
            if (campaign.pack or OWN_WORDS) != chosen:
                campaign.audience, campaign.invites = pack.filters, pack.invites
                campaign.variants, campaign.pack_version = pack.wordings, None
                packs.fill_steps(campaign, pack, now=now)
        campaign.name = name
        campaign.pack = "" if chosen == OWN_WORDS else chosen
        campaign.save()
        return campaign


def own_words() -> packs.Pack:
    """A blank campaign: one step by both channels, for everyone who has something to do."""
    return packs.Pack(
        name="",
        title=str(_("Our own message")),
        steps=(packs.PackStep(texts=()),),
        audience={"statuses": list(packs.NOT_COMPLETED)},
    )


class WhoForm(forms.Form):
    """Schools, a filter, and how to reach them. An empty filter leaves its question open."""

    schools = forms.ModelMultipleChoiceField(
        label=_("Schools"),
        queryset=School.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    statuses = forms.MultipleChoiceField(
        label=_("Where their application stands"),
        choices=AidStatus.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everyone."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every language."),
    )
    grades = forms.MultipleChoiceField(
        label=_("Grades"), required=False, widget=forms.CheckboxSelectMultiple
    )
    paths = forms.MultipleChoiceField(
        label=_("Form they file"),
        choices=ApplicationPath.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every family, with words that name both forms."),
    )
    channels = forms.ChoiceField(
        label=_("How to reach them"), choices=Step.Channels.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, user: User, campaign: Campaign, **kwargs: Any):
        self.campaign, self.step = campaign, campaign.steps.first()
        chosen = campaign.audience
        kwargs["initial"] = {
            **{key: chosen.get(key, []) for key in packs.FILTERS},
            "schools": list(campaign.schools.values_list("pk", flat=True)),
            "channels": self.step.channels if self.step else Step.Channels.BOTH,
        }
        super().__init__(*args, **kwargs)
        self._choices(schools=schools_to_write_to(user, campaign.district))

    def _choices(self, schools: Any) -> None:
        self.fields["schools"].queryset = schools  # type: ignore[attr-defined]
        students = Student.objects.present().filter(school__in=schools, cycle=self.campaign.cycle)
        spoken = (
            Contact.objects.filter(district=self.campaign.district, left_on=None)
            .order_by()
            .values_list("language", flat=True)
            .distinct()
        )
        grades = sorted(set(students.order_by().values_list("grade", flat=True).distinct()))
        found = {
            "languages": sorted(languages.by_name(spoken), key=lambda pair: pair[0] != "en"),
            "grades": [(grade, grade) for grade in grades],
        }
        for name, choices in found.items():
            if len(choices) > 1:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]  # one answer is no question

    def filters(self) -> dict[str, list[str]]:
        """The audience as saved: only the questions that were answered."""
        return {key: values for key in packs.FILTERS if (values := self.cleaned_data.get(key))}

    def audience(self) -> Audience:
        """The choices on the page, saved or not."""
        chosen: dict[str, Any] = {key: frozenset(values) for key, values in self.filters().items()}
        return Audience(
            schools=frozenset(school.pk for school in self.cleaned_data["schools"]),
            cycle=self.campaign.cycle_id,
            fitting_paths=fitting_paths(self.campaign),
            invites=self.campaign.invites,
            rule=self.campaign.audience.get("rule"),
            **chosen,
        )

    def save(self) -> Campaign:
        rule = self.campaign.audience.get("rule")
        self.campaign.audience = self.filters() | ({"rule": rule} if rule else {})
        self.campaign.save(update_fields=["audience"])
        self.campaign.schools.set(self.cleaned_data["schools"])
        self.campaign.steps.update(channels=self.cleaned_data["channels"])
        return self.campaign


def check_words(words: str, source: str = "") -> str:
    """`words` unchanged. Raises ValidationError that names a placeholder unknown or lost."""
    if found := faults(words, source):
        raise forms.ValidationError(found)
    return words


class WordsForm(forms.Form):
    """One step's words in one language, for each channel that it uses."""

    sms = forms.CharField(
        label=_("Text message"),
        required=False,
        max_length=segments.LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The school's name comes first by itself; one link at most."),
    )
    subject = forms.CharField(label=_("E-mail subject"), required=False, max_length=150)
    email = forms.CharField(
        label=_("E-mail"), required=False, widget=forms.Textarea(attrs={"rows": 12})
    )

    def __init__(
        self,
        *args: Any,
        step: Step,
        language: str,
        channels: list[str],
        variant: str = "",
        **kwargs: Any,
    ):
        self.step, self.language, self.channels = step, language, channels
        self.variant = variant
        own = [t for t in step.texts.all() if t.variant == variant]
        self.texts = {t.channel: t for t in own if t.language == language}
        self.sources = {t.channel: t for t in own if t.language == "en" != language}
        sms, email = self.texts.get(Channel.SMS), self.texts.get(Channel.EMAIL)
        kwargs["initial"] = {
            "sms": sms.body if sms else "",
            "subject": email.subject if email else "",
            "email": email.body if email else "",
        }
        super().__init__(*args, **kwargs)
        if Channel.SMS not in channels:
            del self.fields["sms"]
        if Channel.EMAIL not in channels:
            del self.fields["subject"], self.fields["email"]
        for field in self.fields.values():
            write_in(field, language)

    def clean_sms(self) -> str:
        return self._checked("sms", Channel.SMS, "body")

    def clean_subject(self) -> str:
        return self._checked("subject", Channel.EMAIL, "subject")

    def clean_email(self) -> str:
        return self._checked("email", Channel.EMAIL, "body")

    def _checked(self, name: str, channel: str, part: str) -> str:
        words = str(self.cleaned_data[name]).replace("\r\n", "\n").strip()
        source = getattr(self.sources.get(channel), part, "")
        return check_words(words, source) if words else words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("email") and not cleaned.get("subject") and "subject" not in self.errors:
            self.add_error("subject", _("An e-mail needs a subject."))
        return cleaned

    def save(self, *, by: User, approve: bool, now: dt.datetime) -> None:
        """Keeps the words. Changed words are drafts again until a reader approves them.

        English is the source: who writes it has read it, so saving approves it.
        """
        approve = approve or self.language == "en"
        for channel in self.channels:
            subject = self.cleaned_data["subject"] if channel == Channel.EMAIL else ""
            body = self.cleaned_data[channel]
            text = self.texts.get(channel)
            if not body:
                if text:
                    text.delete()
                continue
            text = text or StepText(
                step=self.step, channel=channel, language=self.language, variant=self.variant
            )
            changed = text.pk is None or (text.subject, text.body.strip()) != (subject, body)
            text.subject, text.body = subject, body
            if approve and (changed or text.review != StepText.Review.APPROVED):
                reviews.approve(text, by=by, now=now)
            elif changed:
                reviews.save_draft(text)


class TestMessageForm(forms.Form):
    """Where a test message goes: one's own phone or e-mail."""

    __test__ = False  # not a test, whatever pytest thinks of its name

    to = forms.CharField(label=_("Your own phone or e-mail"), max_length=254)

    def clean_to(self) -> str:
        """The address, normalised; `channel` tells which it is."""
        to = self.cleaned_data["to"].strip()
        if "@" in to:
            validate_email(to)
            self.channel = Channel.EMAIL.value
            return to.lower()
        try:
            number = phonenumbers.parse(to, "US")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise forms.ValidationError(_("This is neither a phone number nor an e-mail address."))
        self.channel = Channel.SMS.value
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
