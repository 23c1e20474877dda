"""Addresses of the contacts room."""

from django.urls import path

from contacts.views import (
    conflicts,
    consents,
    directory,
    doubles,
    editing,
    exports,
    imports,
    people,
    retention,
    review,
    rights,
    rosters,
    status_questions,
    words,
)

urlpatterns = [
    path("contacts/", directory.show, name="contacts"),
    path("contacts/change/", directory.change, name="contacts-change"),
    path("contacts/review/", review.hub, name="to-review"),
    path("contacts/review/words/", words.queue, name="file-words"),
    path("contacts/review/statuses/", status_questions.queue, name="status-questions"),
    path("contacts/review/statuses/<uuid:pk>/", status_questions.decide, name="status-question"),
    path("contacts/review/conflicts/", conflicts.queue, name="status-conflicts"),
    path("contacts/review/conflicts/<uuid:pk>/", conflicts.decide, name="status-conflict"),
    path("contacts/consent/", consents.many, name="contacts-consent"),
    path("contacts/points/<uuid:pk>/consent/", consents.one, name="contact-point-consent"),
    path("contacts/export/", exports.export, name="contacts-export"),
    path("contacts/doubles/", doubles.queue, name="contact-doubles"),
    path("contacts/doubles/<int:pk>/", doubles.decide, name="contact-double"),
    path("contacts/students/<uuid:pk>/merge/", doubles.merge_student, name="student-merge"),
    path("contacts/people/<uuid:pk>/merge/", doubles.merge_contact, name="contact-merge"),
    path("contacts/imports/", imports.history, name="contact-imports"),
    path("contacts/import/", imports.begin, name="contact-import-new"),
    path("contacts/import/statuses/", imports.begin_statuses, name="status-import-new"),
    path("contacts/import/template.csv", imports.template, name="contact-import-template"),
    path("contacts/import/<uuid:pk>/", imports.show, name="contact-import"),
    path(
        "contacts/import/<uuid:pk>/problems.csv", imports.problems, name="contact-import-problems"
    ),
    path("contacts/people/<uuid:pk>/", people.contact, name="contact"),
    path("contacts/students/<uuid:pk>/", people.student, name="student"),
    path(
        "contacts/people/<uuid:pk>/hand-over/", rights.hand_over_contact, name="contact-hand-over"
    ),
    path("contacts/people/<uuid:pk>/erase/", rights.erase_contact, name="contact-erase"),
    path(
        "contacts/students/<uuid:pk>/hand-over/", rights.hand_over_student, name="student-hand-over"
    ),
    path("contacts/students/<uuid:pk>/erase/", rights.erase_student, name="student-erase"),
    path("contacts/students/<uuid:pk>/status/", people.set_status, name="student-status"),
    path("contacts/people/<uuid:pk>/edit/", editing.contact, name="contact-edit"),
    path("contacts/people/<uuid:pk>/add/", editing.add_address, name="contact-add-address"),
    path(
        "contacts/people/<uuid:pk>/give-back/", editing.give_back_contact, name="contact-give-back"
    ),
    path("contacts/students/<uuid:pk>/edit/", editing.student, name="student-edit"),
    path(
        "contacts/students/<uuid:pk>/give-back/",
        editing.give_back_student,
        name="student-give-back",
    ),
    path("contacts/points/<uuid:pk>/take-away/", editing.take_away, name="contact-point-take-away"),
    path("contacts/points/<uuid:pk>/line/", editing.set_line, name="contact-point-line"),
    path("contacts/points/<uuid:pk>/opt-out/", people.opt_out, name="contact-point-opt-out"),
    path("contacts/ties/<int:pk>/permission/", people.permission, name="guardianship-permission"),
    path("contacts/students/<uuid:pk>/tags/", people.set_tags, name="student-tags"),
    path("contacts/students/<uuid:pk>/keep/", retention.keep, name="student-keep"),
    path("contacts/keeping/", retention.choose, name="retention"),
    path("contacts/keeping/<str:nces_id>/", retention.show, name="retention-district"),
    path("contacts/roster/", rosters.choose, name="rosters"),
    path("contacts/roster/<str:nces_id>/", rosters.show, name="roster-service"),
]
