"""Every address that Aidbeacon answers; each room lists its own."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config import health, home, preferences

urlpatterns = [
    path("", home.home, name="home"),
    path("account/", include("allauth.urls")),
    path("", include("schools.urls")),
    path("", include("contacts.urls")),
    path("", include("campaigns.urls")),
    path("", include("completion.urls")),
    path("theme/", preferences.theme, name="theme"),
    path("i18n/set/", login_not_required(set_language), name="set_language"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

if settings.DEBUG:
    from config import styleguide

    urlpatterns.append(path("styleguide/", styleguide.show, name="styleguide"))
