"""Every address that Aidbeacon answers; each room lists its own."""

from django.conf import settings
from django.urls import include, path

from config import health, navigation

urlpatterns = [
    path("", navigation.home, name="home"),
    path("account/", include("allauth.urls")),
    path("", include("schools.urls")),
    path("", include("contacts.urls")),
    path("", include("campaigns.urls")),
    path("", include("completion.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

if settings.DEBUG:
    from config import styleguide

    urlpatterns.append(path("styleguide/", styleguide.show, name="styleguide"))
