from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import families
        from contacts import panels, signals, timeline

        panels.register(families.panel)
        timeline.register(families.moments)
        signals.looking.connect(families.hear)
        signals.erasing.connect(families.erase)
        signals.exporting.connect(families.export)
        signals.undoing.connect(families.object_to_undoing)
        signals.merging.connect(families.repoint)
