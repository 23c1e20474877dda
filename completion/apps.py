from django.apps import AppConfig


class CompletionConfig(AppConfig):
    name = "completion"

    def ready(self) -> None:
        from campaigns import panels, signals
        from completion.evidence import plans
        from completion.views import evidence

        panels.register(evidence.panel)
        signals.launched.connect(plans.fix)
