"""What is known of the calendar apps that fetch feeds: how they name themselves, how late they see a change.

None of them publishes its rules; each entry says where it was reported.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

USER_AGENT_LENGTH_MAX = 512  # no app's is longer; what a stranger sends may be

# In this order: the first that is found anywhere in a User-Agent names the app. Real ones stand in the tests, from
# matomo-org/device-detector#5600, browscap#382, tine20#7407 and server logs that people have published.
_USER_AGENTS = [
    ("google", re.compile(r"Google-Calendar-Importer", re.IGNORECASE)),
    ("thunderbird", re.compile(r"Thunderbird/|Lightning/", re.IGNORECASE)),
    ("outlook", re.compile(r"Outlook|Microsoft[ .]Exchange|Microsoft Office|ms-office", re.IGNORECASE)),
    ("apple", re.compile(r"dataaccessd/|CalendarAgent/|CalendarStore/|\biCal/", re.IGNORECASE)),
]


class Delay(NamedTuple):
    """How long after a change an app looks at a feed again."""

    name: str  # as people know the app
    usual: str
    honours: str  # which of a feed's own wishes it heeds
    source: str


EXPECTED_DELAY = {
    "google": Delay(
        "Google Calendar",
        "12–24 hours",
        "nothing",
        "support.google.com/calendar/answer/37100 says up to 12 hours; 24 are reported (PixelsCamp/docs#4)",
    ),
    "apple": Delay(
        "Apple Calendar",
        "5 minutes to a week, as set",
        "REFRESH-INTERVAL, it is reported",
        "the app's choices under “Auto-refresh”; adamgibbons/ics#259 (not X-PUBLISHED-TTL: markuspoerschke/iCal#119)",
    ),
    "outlook": Delay(
        "Outlook",
        "3–24 hours",
        "X-PUBLISHED-TTL, in Outlook for Windows only",
        "help.addevent.com/docs/subscription-calendar-update-frequency, reports of a day; stackoverflow.com/q/538081",
    ),
    "thunderbird": Delay(
        "Thunderbird",
        "30 minutes, unless set otherwise",
        "nothing known",
        "the default of a new calendar",
    ),
    "other": Delay("Other apps", "minutes to a day", "unknown", "nothing faster than 5 minutes is known"),
}


@lru_cache(maxsize=1_000)
def app_of(user_agent: str) -> str:
    """Which app a User-Agent belongs to: a key of `EXPECTED_DELAY`, `other` for browsers and whatever is unknown."""
    beginning = user_agent[:USER_AGENT_LENGTH_MAX]
    return next((app for app, pattern in _USER_AGENTS if pattern.search(beginning)), "other")
