"""What the audit record's actions are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "campaign.created": _("Made a campaign"),
    "campaign.words_approved": _("Approved a campaign’s words"),
    "campaign.tested": _("Sent a test message"),
    "campaign.launched": _("Launched a campaign"),
    "campaign.paused": _("Paused a campaign"),
    "campaign.resumed": _("Resumed a campaign"),
    "campaign.cancelled": _("Cancelled a campaign"),
    "completion.imported": _("Imported completion figures"),
    "contact.opted_out": _("Recorded an opt-out"),
    "contacts.import_undone": _("Undid an import"),
    "contacts.imported": _("Imported families"),
    "district.changed": _("Changed a district’s rules"),
    "district.region": _("Set a district’s region"),
    "enrolment.set": _("Set a school’s enrolment"),
    "guardian.permission": _("Changed whether a guardian may be written to"),
    "person.erased": _("Erased a person"),
    "person.invited": _("Made an account"),
    "reply.answered": _("Answered a family"),
    "role.given": _("Gave a role"),
    "role.taken": _("Took a role away"),
    "roster.changed": _("Set up a roster service"),
    "roster.removed": _("Removed a roster service"),
    "statuses.imported": _("Imported aid statuses"),
    "student.status": _("Set a student’s aid status"),
    "text.approved": _("Approved a translation"),
    "text.edited": _("Edited a translation"),
}
