"""How often one may vote, write or search: counts in the cache, shared by all processes where the
cache is (CACHE_URL).

    if wait := limits.too_many("report", member.pk, settings.REPORTS_AN_HOUR, limits.HOUR):
        return limits.refuse(request, wait)

django-allauth counts sign-ins, sign-ups and resets itself (ACCOUNT_RATE_LIMITS); its refusals look
like ours.
"""

import math
import time
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

MINUTE, HOUR = 60, 3600
# What django-allauth counts at the pages that it refuses without a word on how long.
COUNTED_AT = {
    "account_login": "login",
    "account_signup": "signup",
    "account_reset_password": "reset_password",
    "account_reset_password_from_key": "reset_password_from_key",
    "account_change_password": "change_password",
    "account_email": "manage_email",
    "account_reauthenticate": "reauthenticate",
    "mfa_reauthenticate": "reauthenticate",
}


def too_many(action: str, who: object, allowed: int, seconds: int) -> int:
    """Count one action of `who`: 0 if it is allowed, else the seconds until the next one is.

    `allowed` actions fit into `seconds`, wherever these begin: of the window of the clock before
    this one, as much counts as the last `seconds` reach into it. Who is refused is not counted.
    """
    if not settings.LIMITS_ON:
        return 0
    if not allowed:
        return seconds  # never, but an answer must name a time
    window, elapsed = divmod(int(time.time()), seconds)
    key = f"limit:{action}:{who}:{{}}"
    now, before = key.format(window), cache.get(key.format(window - 1), 0)
    cache.add(now, 0, timeout=2 * seconds)
    try:
        count = cache.incr(now)
        if before * (seconds - elapsed) + count * seconds <= allowed * seconds:
            return 0
        count = cache.decr(now)
    except ValueError:  # a full cache threw it out
        return 0
    if count < allowed:
        return _fits(before, allowed - count, seconds) - elapsed
    return seconds + _fits(count, allowed, seconds) - elapsed


def _fits(before: int, room: int, seconds: int) -> int:
    """Seconds into a window until one more fits into the room that the one before leaves."""
    return max(0, -(-seconds * (before - room + 1) // max(before, 1)))


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; of an IPv6 address the network, which one household has."""
    return str(ratelimit.get_ip(request))


def asker(request: HttpRequest) -> str:
    """Who a limit counts where strangers may ask too: the member, else the client's address."""
    return str(request.user.pk) if request.user.is_authenticated else client_address(request)


def account_wait(request: HttpRequest, action: str, key: str = "") -> int:
    """Seconds until django-allauth allows this action again; 0 where it does so now.

    `key` is what it counts beside addresses and members: the name or e-mail that was sent.
    """
    wait = 0.0
    for rate in ratelimit.get_rates(app="allauth.account", action=action):
        if rate.per == "user" and not request.user.is_authenticated:
            continue
        counted: dict[str, Any] = {"app": "allauth.account", "action": action, "key": key}
        history = cache.get(ratelimit.get_cache_key(request, rate=rate, **counted), [])
        if len(history) >= rate.amount:
            wait = max(wait, history[-1] + rate.duration - time.time())
    return math.ceil(wait)


def refuse(request: HttpRequest, retry_after: int = 0) -> HttpResponse:
    """429 with a page that says when to try again.

    `retry_after` in seconds; 0, as django-allauth asks for it: what is left of its own limit.
    """
    if not retry_after:
        place = request.resolver_match
        action = COUNTED_AT.get(place.url_name or "") if place else None
        email = request.POST.get("email", "").lower()
        retry_after = (account_wait(request, action, email) if action else 0) or MINUTE
    context = {"seconds": retry_after, "minutes": math.ceil(retry_after / MINUTE)}
    answer = render(request, "429.html", context, status=429)
    answer.headers["Retry-After"] = str(retry_after)
    return answer
