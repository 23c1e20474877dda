import datetime as dt

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts import languages, retention
        from contacts.imports import forgetting
        from schools import nights, translators

        translators.LANGUAGES.update(languages.LANGUAGES)

        # When schools' own systems have finished their day.
        nights.enter("rosters", "contacts.tasks.fetch_rosters", at=dt.time(2, 30))
        nights.enter("retention", "contacts.tasks.erase_due", at=retention.AT)
        nights.enter("imports", "contacts.tasks.forget_imports", at=forgetting.AT)
