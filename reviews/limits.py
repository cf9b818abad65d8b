"""How often one may vote or write: a count in the cache for each window of time.

Shared by all processes where the cache is (CACHE_URL). django-allauth counts sign-ins, sign-ups
and resets itself (ACCOUNT_RATE_LIMITS); its refusals look like ours.
"""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

MINUTE, HOUR = 60, 3600


def too_many(action: str, who: object, allowed: int, seconds: int) -> int:
    """Count one action of `who`: 0 if it is allowed, else the seconds until the next one is.

    `allowed` actions fit into each window of `seconds`; windows start at whole multiples of it.
    """
    if not settings.LIMITS_ON:
        return 0
    now = int(time.time())
    key = f"limit:{action}:{who}:{now // seconds}"
    cache.add(key, 0, timeout=seconds)
    try:
        count = cache.incr(key)
    except ValueError:  # a full cache threw it out
        return 0
    return seconds - now % seconds if count > allowed else 0


def refuse(request: HttpRequest, retry_after: int = MINUTE) -> HttpResponse:
    """429 with a page that says when to try again; `retry_after` in seconds."""
    answer = render(request, "429.html", {"retry_after": retry_after}, status=429)
    answer.headers["Retry-After"] = str(retry_after)
    return answer
