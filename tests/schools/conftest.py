"""Whoever looks after a district or the whole install, signed in."""

from __future__ import annotations

import pytest
from django.test import Client

from schools.models import District, Role, User
from tests import builders


@pytest.fixture
def administrator(client: Client, district: District) -> User:
    """The district's administrator, signed in."""
    user = builders.a_user(Role.DISTRICT_ADMINISTRATOR, district)
    client.force_login(user)
    return user


@pytest.fixture
def owner(client: Client) -> User:
    user = builders.a_user()
    client.force_login(user)
    return user
