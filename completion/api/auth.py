"""Who asks: a signed-in person, or a program with a person's token."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, django_auth

from completion.models import ApiToken
from schools.models import User


class Token(HttpBearer):
    """`Authorization: Bearer aid_…`"""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = ApiToken.owner(token, now=timezone.now())
        if user is not None:
            request.user = user
        return user


ANYONE_SIGNED_IN = [Token(), django_auth]
