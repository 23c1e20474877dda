import datetime as dt

from django.apps import AppConfig


class CompletionConfig(AppConfig):
    name = "completion"

    def ready(self) -> None:
        from campaigns import panels, signals
        from completion.evidence import plans
        from completion.views import evidence
        from schools import nights

        panels.register(evidence.panel)
        signals.launched.connect(plans.fix)
        nights.enter("completion files", "completion.tasks.fetch_files", at=dt.time(4, 30))
        nights.enter("digests", "completion.tasks.send_digests", at=dt.time(7), weekday=0)
