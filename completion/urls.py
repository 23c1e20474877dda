"""Completion figures: overview, places, import."""

from django.urls import include, path

from completion.api.routes import urls as api_urls
from completion.views import (
    columns,
    digest,
    enrolments,
    evidence,
    imports,
    matching,
    places,
    public,
    schools,
    tokens,
    week,
)

urlpatterns = [
    path("api/v1/", include(api_urls())),
    path("completion/api/", tokens.show, name="completion-api"),
    path("completion/api/<int:pk>/", tokens.take_back, name="completion-api-take-back"),
    path("completion/", places.overview, name="completion"),
    path("completion/import/", imports.new, name="completion-import"),
    path("completion/enrolments/", enrolments.new, name="completion-enrolments"),
    path("completion/imports/<int:pk>/", imports.show, name="completion-source"),
    path("completion/imports/<int:pk>/back/", imports.take_back, name="completion-take-back"),
    path("completion/columns/<uuid:pk>/", columns.show, name="completion-columns"),
    path("completion/matching/", matching.queue, name="completion-matching"),
    path("completion/matching/<int:pk>/", matching.decide, name="completion-match"),
    path("completion/matching/<int:pk>/again/", matching.again, name="completion-match-again"),
    path("completion/states/<str:code>/", places.state, name="completion-state"),
    path("completion/regions/<slug:code>/", places.region, name="completion-region"),
    path("completion/counties/<str:fips>/", places.county, name="completion-county"),
    path("completion/districts/<str:nces_id>/", places.district, name="completion-district"),
    path("completion/schools/<str:nces_id>/", schools.show, name="completion-school"),
    path(
        "completion/schools/<str:nces_id>/enrolment/",
        schools.enrolment,
        name="completion-school-enrolment",
    ),
    path("public/regions/<slug:code>/", public.region, name="completion-public"),
    path("completion/regions/<slug:code>/public/", public.switch, name="completion-public-switch"),
    path("completion/campaigns/", evidence.show_all, name="completion-campaigns"),
    path("completion/campaigns/staggered/", evidence.staggered, name="completion-staggered"),
    path("completion/campaigns/<int:pk>/", evidence.show, name="completion-campaign"),
    path("completion/week/", week.show, name="completion-week"),
    path("completion/digest/", digest.choose, name="completion-digest"),
    path("completion/digest/stop/<str:token>/", digest.stop, name="completion-digest-stop"),
]
