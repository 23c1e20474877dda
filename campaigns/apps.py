import datetime as dt

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns.family_pages import families
        from campaigns.targeting import carrying
        from contacts import panels, signals, timeline
        from schools import nights

        panels.register(families.panel)
        timeline.register(families.moments)
        nights.enter("mailboxes", "campaigns.tasks.forget_mailboxes", at=dt.time(4, 20))
        nights.enter("strangers", "campaigns.tasks.forget_strangers", at=dt.time(4, 25))
        signals.looking.connect(families.hear)
        signals.erasing.connect(families.erase)
        signals.exporting.connect(families.export)
        signals.undoing.connect(families.object_to_undoing)
        signals.merging.connect(families.repoint)
        signals.rehoming.connect(carrying.carry)
