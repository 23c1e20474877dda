"""Pages of those who review what families read."""

from django.urls import URLPattern, path

from campaigns.views import library, sentences, translations

urlpatterns: list[URLPattern] = [
    path("", translations.show_all, name="translations"),
    path("<int:pk>/", translations.show, name="translation"),
    path("<str:language>/", library.show_all, name="library"),
    path("<str:language>/<slug:kind>/", sentences.show_all, name="library-sentences"),
    path("<str:language>/<slug:kind>/<slug:name>/", sentences.show, name="library-sentence"),
    path(
        "<str:language>/<slug:pack>/<int:step>/<slug:channel>/", library.show, name="library-text"
    ),
]
