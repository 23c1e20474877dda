"""The project with django-post-office and django-anymail in it, as the benchmark's peer."""

import os

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "post_office", "anymail"]  # noqa: F405
EMAIL_BACKEND = "post_office.EmailBackend"
POST_OFFICE = {
    "BACKENDS": {"default": "anymail.backends.sendgrid.EmailBackend"},
    "LOG_LEVEL": 1,
}
ANYMAIL = {
    "SENDGRID_API_KEY": "SG.bench",
    "SENDGRID_API_URL": f"{os.environ['SENDGRID_API_URL']}/v3/",
}
LOGGING = {"version": 1, "disable_existing_loggers": True}
