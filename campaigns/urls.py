"""Pages of campaigns, of the outbox and of families."""

from django.urls import URLPattern, path

from campaigns import webhooks
from campaigns.views import family, inbound, inbox, live, outbox, steps, translations, wizard

urlpatterns: list[URLPattern] = [
    path("campaigns/", live.show_all, name="campaigns"),
    path("campaigns/new/", wizard.new, name="campaign-new"),
    path("campaigns/<int:pk>/", live.show, name="campaign"),
    path("campaigns/<int:pk>/progress/", live.show_progress, name="campaign-progress"),
    path("campaigns/<int:pk>/what/", wizard.what, name="campaign-what"),
    path("campaigns/<int:pk>/who/", wizard.who, name="campaign-who"),
    path("campaigns/<int:pk>/who/count/", wizard.who_count, name="campaign-who-count"),
    path("campaigns/<int:pk>/words/", wizard.words, name="campaign-words"),
    path("campaigns/<int:pk>/words/preview/", wizard.words_preview, name="campaign-words-preview"),
    path("campaigns/<int:pk>/words/test/", wizard.test, name="campaign-test"),
    path("campaigns/<int:pk>/when/", wizard.when, name="campaign-when"),
    path(
        "campaigns/<int:pk>/steps/<int:position>/remove/",
        steps.remove,
        name="campaign-step-remove",
    ),
    path("campaigns/<int:pk>/cap/", steps.cap, name="campaign-cap"),
    path("campaigns/<int:pk>/steps/add/", steps.add, name="campaign-step-add"),
    path("campaigns/<int:pk>/steps/<int:position>/", steps.change, name="campaign-step"),
    path("campaigns/<int:pk>/steps/<int:position>/now/", steps.send_now, name="campaign-step-now"),
    path("campaigns/<int:pk>/review/", wizard.review, name="campaign-review"),
    path("campaigns/<int:pk>/launch/", live.launch, name="campaign-launch"),
    path("campaigns/<int:pk>/pause/", live.pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resume/", live.resume, name="campaign-resume"),
    path("campaigns/<int:pk>/cancel/", live.cancel, name="campaign-cancel"),
    path("inbox/", inbox.show_all, name="inbox"),
    path("inbox/strangers/", inbox.strangers, name="inbox-strangers"),
    path("inbox/<uuid:pk>/", inbox.thread, name="inbox-thread"),
    path("inbox/<uuid:pk>/handled/", inbox.handled, name="inbox-handled"),
    path("inbox/<uuid:pk>/assign/", inbox.assign, name="inbox-assign"),
    path("inbox/<uuid:pk>/snooze/", inbox.snooze, name="inbox-snooze"),
    path("inbox/<uuid:pk>/opt-out/", inbox.opt_out, name="inbox-opt-out"),
    path("translations/", translations.show_all, name="translations"),
    path("translations/<int:pk>/", translations.show, name="translation"),
    path("l/<str:code>", family.follow, name="link"),
    path("f/<str:token>/", family.show, name="family"),
    path("f/<str:token>/date.ics", family.calendar, name="family-calendar"),
    path("u/<str:token>/", family.unsubscribe, name="unsubscribe"),
    path("webhooks/twilio/inbound/", inbound.twilio, name="twilio-inbound"),
    path("webhooks/sendgrid/inbound/", inbound.sendgrid, name="sendgrid-inbound"),
    path("outbox/", outbox.show, name="outbox"),
    path("webhooks/twilio/status/", webhooks.twilio_status, name="twilio-status"),
    path("webhooks/sendgrid/events/", webhooks.sendgrid_events, name="sendgrid-events"),
]
