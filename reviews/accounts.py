"""How accounts work here, where django-allauth leaves it to the site."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may sign up: the setting SIGNUP_OPEN."""
        return bool(settings.SIGNUP_OPEN)
