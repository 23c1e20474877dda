import datetime as dt
from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_delete, post_migrate, post_save


class CompletionConfig(AppConfig):
    name = "completion"

    def ready(self) -> None:
        from campaigns import panels, signals
        from completion.evidence import plans
        from completion.views import evidence
        from schools import nights
        from schools.models import Cycle, District, Enrolment, Region, School
        from schools.signals import reference_loaded

        panels.register(evidence.panel)
        signals.launched.connect(plans.fix)
        reference_loaded.connect(_loaded)
        nights.enter("completion files", "completion.tasks.fetch_files", at=dt.time(4, 30))
        nights.enter("held files", "completion.tasks.forget_held_files", at=dt.time(4, 40))
        nights.enter("completion summaries", "completion.tasks.make_summaries", at=dt.time(5))
        nights.enter("digests", "completion.tasks.send_digests", at=dt.time(7), weekday=0)
        post_migrate.connect(_migrated, sender=self)
        for sender in (School, District, Region, Enrolment, Cycle):
            for signal in (post_save, post_delete):
                signal.connect(_changed, sender=sender)


def _changed(instance: Any, created: bool = False, **_signal: Any) -> None:
    """Something that pages' summaries rest on is another now."""
    from completion import summaries
    from completion.models import Reckoning
    from schools.models import Cycle, Enrolment

    if isinstance(instance, Enrolment):
        summaries.forget([instance.school.state_id])
    elif created:
        return
    elif isinstance(instance, Cycle):
        summaries.forget(Reckoning.objects.values_list("state_id", flat=True).distinct())
    else:
        summaries.forget([instance.state_id])


def _loaded(state: str, **_signal: Any) -> None:
    """A state's schools and enrolments were read anew."""
    from completion import summaries

    summaries.forget([state])


def _migrated(apps: Any = apps, **_signal: Any) -> None:
    """The tables are those of this version, or of an older one on the way back."""
    from completion import summaries

    if "reckoning" in apps.all_models["completion"]:
        summaries.ask_after_upgrade()
