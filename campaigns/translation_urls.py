"""Pages of those who review what families read."""

from django.urls import URLPattern, path

from campaigns.views import library, translations

urlpatterns: list[URLPattern] = [
    path("", translations.show_all, name="translations"),
    path("<int:pk>/", translations.show, name="translation"),
    path("<str:language>/", library.show_all, name="library"),
    path("<str:language>/<slug:kind>/", library.sentences, name="library-sentences"),
    path(
        "<str:language>/<slug:pack>/<int:step>/<slug:channel>/", library.show, name="library-text"
    ),
]
