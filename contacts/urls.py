"""Addresses of the contacts room."""

from django.urls import path

from contacts.views import directory, imports, people, rosters

urlpatterns = [
    path("contacts/", directory.show, name="contacts"),
    path("contacts/imports/", imports.history, name="contact-imports"),
    path("contacts/import/", imports.begin, name="contact-import-new"),
    path("contacts/import/template.csv", imports.template, name="contact-import-template"),
    path("contacts/import/<uuid:pk>/", imports.show, name="contact-import"),
    path(
        "contacts/import/<uuid:pk>/problems.csv", imports.problems, name="contact-import-problems"
    ),
    path("contacts/people/<uuid:pk>/", people.contact, name="contact"),
    path("contacts/students/<uuid:pk>/", people.student, name="student"),
    path("contacts/students/<uuid:pk>/status/", people.set_status, name="student-status"),
    path("contacts/points/<uuid:pk>/opt-out/", people.opt_out, name="contact-point-opt-out"),
    path("contacts/ties/<int:pk>/permission/", people.permission, name="guardianship-permission"),
    path("contacts/roster/", rosters.choose, name="rosters"),
    path("contacts/roster/<str:nces_id>/", rosters.show, name="roster-service"),
]
