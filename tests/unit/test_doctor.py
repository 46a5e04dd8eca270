"""What the doctor says of calendars and of how they are served; of each fault once, and of none that isn't there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todo import calendar_outline, doctor
from todo.calendar_apps import EXPECTED_DELAY, app_of
from todo.doctor import Answer, Check, Report, conditional_headers, examine
from todo.errors import BadInput
from todo.foreign import CannotFetch

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
URL = "https://example.org/team.ics"
GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*.ics"))

EVENT = ("UID:1@example.org", "DTSTAMP:20260101T000000Z", "DTSTART;VALUE=DATE:20260102", "SUMMARY:Tea")
HEAD = ("VERSION:2.0", "PRODID:-//example//EN")
HEADERS = {
    "content-type": "text/calendar; charset=utf-8",
    "etag": '"1"',
    "cache-control": "private, no-cache",
    "content-encoding": "gzip",
}
VTIMEZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:STANDARD",
    "DTSTART:19701025T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def component(*lines: str, kind: str = "VEVENT") -> tuple[str, ...]:
    return (f"BEGIN:{kind}", *lines, f"END:{kind}")


def event(*more: str, uid: str = "1@example.org", stamp: str = "20260101T000000Z") -> tuple[str, ...]:
    return component(f"UID:{uid}", f"DTSTAMP:{stamp}", *more)


def feed(*lines: str, head: tuple[str, ...] = HEAD) -> bytes:
    return "".join(f"{line}\r\n" for line in ("BEGIN:VCALENDAR", *head, *lines, "END:VCALENDAR")).encode()


GOOD = feed(*component(*EVENT))


def answer(
    body: bytes = GOOD, status: int = 200, url: str = URL, headers: Mapping[str, str | None] | None = None
) -> Answer:
    """A good answer but for what is given; a header that is None is left out."""
    kept = {name: value for name, value in {**HEADERS, **(headers or {})}.items() if value is not None}
    return Answer(url, status, kept, body)


def report_on(body: bytes = GOOD, headers: Mapping[str, str | None] | None = None) -> Report:
    return examine(answer(body, headers=headers), answer(b"", 304), now=NOW)


def found(report: Report, check_id: str) -> Check:
    (check,) = (check for check in report.checks if check.id == check_id)
    return check


def faults(report: Report) -> dict[str, str]:
    return {check.id: check.status for check in report.checks if check.status != "ok"}


# Verdicts


def test_a_good_feed_is_healthy_and_nothing_is_said_against_it() -> None:
    report = report_on()
    assert (report.verdict, faults(report), report.checked, report.total) == ("healthy", {}, 1, 1)
    assert all(check.message.endswith(".") for check in report.checks)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_our_own_calendars_are_healthy(path: Path) -> None:
    report = report_on(path.read_bytes())
    assert report.verdict == "healthy"
    assert set(faults(report)) <= {"lengths", "kinds", "alarms"}  # a deadline is a moment; some are asked for


def test_warnings_alone_leave_a_feed_healthy() -> None:
    report = report_on(headers={"content-disposition": "attachment; filename=x.ics"})
    assert (report.verdict, faults(report)) == ("healthy", {"disposition": "warning"})


@pytest.mark.parametrize("status", [204, 304, 401, 403, 404, 410, 429, 500, 503, 999])
def test_an_error_is_no_calendar(status: int) -> None:
    report = examine(answer(status=status), None, now=NOW)
    assert (report.verdict, faults(report)) == ("not a calendar", {"status": "problem"})
    assert str(status) in report.checks[0].message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!doctype html><html>", "web page"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "does not begin with BEGIN:VCALENDAR"),
        (GOOD.decode().encode("utf-16"), "does not begin with BEGIN:VCALENDAR"),
        (b"hello\r\n" + GOOD, "does not begin with BEGIN:VCALENDAR"),
    ],
)
def test_what_is_not_a_calendar_is_told(body: bytes, says: str) -> None:
    report = report_on(body)
    assert report.verdict == "not a calendar"
    assert says in found(report, "calendar").message


@pytest.mark.parametrize("error", [CannotFetch("It hangs."), BadInput("No URL.", field="url")])
def test_what_could_not_be_fetched_is_a_report_too(error: CannotFetch | BadInput) -> None:
    report = doctor.not_fetched("http://\x1b[31m", error)
    assert report.verdict == "could not be fetched"
    assert report.checks[0].message == str(error)
    assert report.url.isprintable()


def test_the_report_for_machines_has_only_json_in_it() -> None:
    body = feed(*component(*EVENT), head=(*HEAD, "REFRESH-INTERVAL;VALUE=DURATION:PT1H"))
    told = report_on(body, {"cache-control": "no-store"}).to_json()
    assert json.loads(json.dumps(told)) == told
    assert (told["verdict"], told["problems"], told["warnings"]) == ("healthy", 0, 1)
    assert told["components"] == {"checked": 1, "total": 1}
    assert told["refresh"] == "PT1H"
    assert {"id", "status", "message", "hint"} == set(told["checks"][0])
    assert set(told["expected_delay"]) == set(EXPECTED_DELAY)


# How it is served


@pytest.mark.parametrize(
    ("check_id", "headers", "status"),
    [
        ("content-type", {"content-type": None}, "warning"),
        ("content-type", {"content-type": "text/plain"}, "warning"),
        ("content-type", {"content-type": "text/html"}, "problem"),
        ("content-type", {"content-type": "text/calendar; charset=iso-8859-1"}, "warning"),
        ("caching", {"cache-control": "no-store"}, "warning"),
        ("caching", {"cache-control": "public, max-age=604800"}, "warning"),
        ("conditional", {"etag": None}, "warning"),
    ],
)
def test_headers_that_get_in_the_way(check_id: str, headers: dict[str, str | None], status: str) -> None:
    assert faults(report_on(headers=headers)) == {check_id: status}


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "Text/Calendar"},
        {"content-type": 'text/calendar;method=PUBLISH; charset="UTF-8"'},
        {"cache-control": None},
        {"cache-control": "max-age=86400"},
        {"cache-control": "max-age=no, ,="},
        {"content-disposition": "inline; filename=attachment.ics"},
        {"content-encoding": None},
        {"etag": None, "last-modified": "Thu, 05 Nov 2026 11:00:00 GMT"},
    ],
)
def test_headers_that_are_fine(headers: dict[str, str | None]) -> None:
    assert faults(report_on(headers=headers)) == {}


def test_a_charset_that_garbles_what_is_written_is_a_problem() -> None:
    body = feed(*event("DTSTART;VALUE=DATE:20260102", "SUMMARY:Tee für zwei"))
    assert faults(report_on(body, {"content-type": "text/calendar; charset=iso-8859-1"})) == {"content-type": "problem"}


def test_large_calendars_should_be_compressed() -> None:
    events = [line for number in range(200) for line in event("DTSTART;VALUE=DATE:20260102", uid=f"{number}@x")]
    assert faults(report_on(feed(*events), {"content-encoding": None})) == {"compression": "warning"}
    assert faults(report_on(feed(*events))) == {}


@pytest.mark.parametrize(
    ("octets", "says"), [(899_999, None), (900_000, "comes near"), (999_999, "comes near"), (1_000_000, "is over")]
)
def test_google_reads_only_so_much(octets: int, says: str | None) -> None:
    body = GOOD + b"\r\n" * ((octets - len(GOOD)) // 2)
    body += b" " * (octets - len(body))
    check = found(report_on(body), "size")
    assert check.status == ("warning" if says else "ok")
    assert (says or "") in check.message


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (None, "not tried"),
        (answer(b"", 304), "304"),
        (answer(GOOD), "sends everything again"),
        (answer(feed()), "different calendars"),
        (answer(b"", 412), "412"),
        (answer(b"", 500), "500"),
    ],
)
def test_a_second_get_should_be_answered_by_304(second: Answer | None, says: str) -> None:
    check = found(examine(answer(), second, now=NOW), "conditional")
    assert says in check.message
    assert check.status == ("ok" if second is None or second.status == 304 else "warning")


def test_the_second_get_asks_with_what_the_first_named() -> None:
    date = "Thu, 05 Nov 2026 11:00:00 GMT"
    asked = conditional_headers(answer(headers={"last-modified": date}))
    assert asked == {"If-None-Match": '"1"', "If-Modified-Since": date}
    assert conditional_headers(answer(headers={"etag": None})) == {}
    assert conditional_headers(answer(headers={"etag": "\x00"})) == {}  # never sent back to whoever sent it


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:6400/a", "https://localhost/", "http://[::1]/", "https://nas.local/", "https://nas/a.ics"]
)
def test_an_address_at_home_is_not_reached_by_google(url: str) -> None:
    assert "private network" in found(examine(answer(url=url), None, now=NOW), "address").message


def test_plain_http_is_warned_of_also_on_the_way() -> None:
    assert "not encrypted" in found(examine(answer(url="http://example.org/"), None, now=NOW), "address").message
    redirected = Answer(URL, 200, HEADERS, GOOD, redirects=("http://example.org/",))
    assert "first address is not encrypted" in found(examine(redirected, None, now=NOW), "address").message


# The text


@pytest.mark.parametrize(
    ("body", "check_id", "status"),
    [
        (b"\xef\xbb\xbf" + GOOD, "encoding", "warning"),
        (GOOD.replace(b"Tea", b"T\xe4"), "encoding", "problem"),
        (GOOD.replace(b"Tea", b"T\x07"), "encoding", "warning"),
        (GOOD.replace(b"\r\n", b"\n"), "line-ends", "warning"),
        (GOOD.replace(b"Tea", b"T" * 68), "line-length", "warning"),
    ],
)
def test_faults_of_the_text(body: bytes, check_id: str, status: str) -> None:
    assert faults(report_on(body)) == {check_id: status}


def test_a_line_of_75_octets_is_fine() -> None:
    assert faults(report_on(GOOD.replace(b"Tea", b"T" * 67))) == {}


@pytest.mark.parametrize(
    "body",
    [
        GOOD[:-20],
        GOOD.replace(b"END:VEVENT\r\n", b""),
        GOOD.replace(b"BEGIN:VEVENT\r\n", b""),
        GOOD + b"END:VCALENDAR\r\n",
        GOOD + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        feed(*["BEGIN:X"] * 5_000),
    ],
)
def test_nesting_that_does_not_close_is_a_problem(body: bytes) -> None:
    check = found(report_on(body), "parses")
    assert (check.status, "not put together properly" in check.message) == ("problem", True)


# What the components say


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(event("DTSTART:notadate"), {"parses": "problem"}, id="a broken date"),
        pytest.param(
            (*component(*EVENT), *event("DTSTART:notadate")),
            {"parses": "problem", "duplicates": "problem"},
            id="a broken date, and its UID again",
        ),
        pytest.param(component(*EVENT[1:]), {"required": "problem"}, id="no UID"),
        pytest.param(component(EVENT[0], EVENT[2]), {"required": "problem"}, id="no DTSTAMP"),
        pytest.param(event(), {"required": "problem"}, id="no DTSTART"),
        pytest.param((*component(*EVENT), *component(*EVENT)), {"duplicates": "problem"}, id="one UID twice"),
        pytest.param(
            event("DTSTART:20260102T100000Z", "DTEND:20260102T090000Z"), {"ends": "problem"}, id="ends before it starts"
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20260102", "DTEND;VALUE=DATE:20260102"), {"ends": "problem"}, id="same day"
        ),
        pytest.param(
            event("DTSTART;VALUE=DATE:20260102", "DTEND:20260103T000000Z"), {"ends": "problem"}, id="date to time"
        ),
        pytest.param(event("DTSTART:20260102T100000Z"), {"lengths": "warning"}, id="no end"),
        pytest.param(
            event("DTSTART:20260102T100000Z", "DTEND:20260102T100000Z"), {"lengths": "warning"}, id="ends as it starts"
        ),
        pytest.param(
            event("DTSTART;TZID=Europe/Berlin:20260102T100000", "DURATION:PT1H"), {"zones": "problem"}, id="no zone"
        ),
        pytest.param(
            event("DTSTART;TZID=Nowhere/At-all:20260102T100000", "DURATION:PT1H"), {"zones": "problem"}, id="odd zone"
        ),
        pytest.param(
            (*VTIMEZONE[:6], "RDATE:19711031T030000", *VTIMEZONE[7:], *component(*EVENT)),
            {"zones": "warning"},
            id="RDATE",
        ),
        pytest.param(
            component(*EVENT, *component("ACTION:DISPLAY", "TRIGGER:-PT5M", "DESCRIPTION:Ring", kind="VALARM")),
            {"alarms": "warning"},
            id="alarm",
        ),
        pytest.param(component("UID:1", "DTSTAMP:20260101T000000Z", kind="VTODO"), {"kinds": "warning"}, id="to-dos"),
        pytest.param((), {"kinds": "warning"}, id="nothing"),
        pytest.param(
            (
                *event("DTSTART;VALUE=DATE:20260102", uid="a", stamp="20261105T115958Z"),
                *event("DTSTART;VALUE=DATE:20260102", uid="b", stamp="20261105T120001Z"),
            ),
            {"stamps": "warning"},
            id="DTSTAMP is now",
        ),
    ],
)
def test_faults_of_components(lines: tuple[str, ...], expected: dict[str, str]) -> None:
    assert faults(report_on(feed(*lines))) == expected


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((*component(*EVENT), *component(*EVENT, "RECURRENCE-ID;VALUE=DATE:20260109")), id="moved once"),
        pytest.param(
            (*component(*EVENT), *component("UID:1@example.org", EVENT[1], "SUMMARY:Do", kind="VTODO")),
            id="of two kinds",
        ),
        pytest.param(event("DTSTART:20260102T100000", "DTEND:20260102T090000Z"), id="a floating start"),
        pytest.param(
            (*VTIMEZONE, *event("DTSTART;TZID=Europe/Berlin:20260102T100000", "DURATION:PT1H")), id="a defined zone"
        ),
        pytest.param(
            (*VTIMEZONE, *event('DTSTART;X=1;TZID="Europe/Berlin":20260102T100000', "DURATION:PT1H")), id="quoted"
        ),
        pytest.param(event("DTSTART;TZID=/global/zone:20260102T100000", "DURATION:PT1H"), id="a global zone"),
        pytest.param(event("DTSTART;VALUE=DATE:20260102", "DESCRIPTION:DTSTART\\;TZID=x:1"), id="TZID in a text"),
        pytest.param(event("DTSTART;VALUE=DATE:20260102", stamp="20261105T120000Z"), id="one event changed just now"),
        pytest.param(event("DTSTART;VALUE=DATE:20260102", "X-UNKNOWN;A=B:c"), id="an extension"),
        pytest.param(
            ("begin:vevent", *(line.lower() for line in EVENT[:1]), *EVENT[1:], "end:vevent"), id="lower case"
        ),
    ],
)
def test_what_may_look_like_a_fault_and_is_none(lines: tuple[str, ...]) -> None:
    assert faults(report_on(feed(*lines))) == {}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (HEAD[1:], {"calendar": "problem"}),
        (HEAD[:1], {"calendar": "problem"}),
        ((*HEAD, "METHOD:REQUEST"), {"method": "warning"}),
        ((*HEAD, "METHOD:publish"), {}),
        ((*HEAD, "X-PUBLISHED-TTL:PT12H"), {}),
    ],
)
def test_the_calendars_own_properties(head: tuple[str, ...], expected: dict[str, str]) -> None:
    assert faults(report_on(feed(*component(*EVENT), head=head))) == expected


def test_two_calendars_in_one_file_are_warned_of() -> None:
    second = feed(*event("DTSTART;VALUE=DATE:20260102", uid="2"))
    assert faults(report_on(GOOD + second)) == {"calendar": "warning"}


def test_two_answers_that_differ_in_dtstamp_alone_are_recognised() -> None:
    second = answer(GOOD.replace(b"20260101T000000Z", b"20260101T000001Z"))
    assert "nothing but DTSTAMP" in found(examine(answer(), second, now=NOW), "stamps").message


def test_the_servers_clock_counts_for_what_now_is() -> None:
    stamps = [f"20200101T00000{second}Z" for second in (0, 1)]
    lines = [line for stamp in stamps for line in event("DTSTART;VALUE=DATE:20260102", uid=stamp, stamp=stamp)]
    assert faults(report_on(feed(*lines))) == {}
    assert faults(report_on(feed(*lines), {"date": "Wed, 01 Jan 2020 00:00:01 GMT"})) == {"stamps": "warning"}


def test_foreign_text_is_printable_and_short_in_messages() -> None:
    uid = "\x1b]0;owned\x07‮" + "x" * 500
    report = report_on(feed(*event("DTSTART:20260102T100000Z", "DTEND:20260102T090000Z", uid=uid)))
    assert all(check.message.isprintable() and len(check.message) < 200 for check in report.checks)


# Bounds


def test_of_a_huge_calendar_the_first_components_are_checked_and_it_says_so() -> None:
    events = [line for number in range(2_500) for line in event("DTSTART;VALUE=DATE:20260102", uid=f"{number}@x")]
    report = report_on(feed(*events))
    assert (report.verdict, report.checked, report.total) == ("healthy", 2_000, 2_500)
    assert "checked 2,000 of 2,500 components" in found(report, "parses").message


def test_a_component_that_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_outline, "COMPONENT_OCTETS_MAX", 500)
    long = event("DTSTART;VALUE=DATE:20260102", *["ATTACH:https://example.org/"] * 20, uid="2")
    report = report_on(feed(*component(*EVENT), *long))
    assert (report.checked, report.total, faults(report)) == (1, 2, {"parses": "warning"})


def test_a_time_zone_of_billions_of_changes_is_not_worked_out() -> None:
    bomb = [line.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY") for line in VTIMEZONE]
    bomb = [line.replace("Europe/Berlin", "Custom") for line in bomb]
    lines = (*bomb, *event("DTSTART;TZID=Custom:20260102T100000", "DURATION:PT1H"))
    assert faults(report_on(feed(*lines))) == {}


FRAGMENTS = st.sampled_from(
    [
        *(f"{line}\r\n".encode() for line in (*EVENT, *VTIMEZONE, "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VALARM")),
        *(b"DTSTART:", b"DTEND;TZID=X:0", b"RECURRENCE-ID:x\r\n", b"METHOD;X=:\r\n", b"\r\n ", b"\n", b"\xff", b"\x00"),
        *(b"DTEND;VALUE=PERIOD:20200101T000000Z/P1D\r\n", b"DTSTAMP:99991231T235959\r\n", b"UID\r\n", b";=:", b'"'),
        *(b"DTSTART;TZID=Europe/Berlin:00010101T000000\r\n", b"DTEND;TZID=Asia/Tokyo:00010101T000000\r\n"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(FRAGMENTS | st.binary(max_size=9), max_size=30), st.text(max_size=30))
def test_whatever_is_sent_there_is_a_verdict(pieces: list[bytes], value: str) -> None:
    body = b"BEGIN:VCALENDAR\r\n" + b"".join(pieces)
    headers = dict.fromkeys(("content-type", "cache-control", "content-disposition", "date", "etag"), value)
    report = examine(Answer(URL, 200, headers, body), Answer(URL, 200, {}, body[:-1]), now=NOW)
    assert report.verdict in ("healthy", "has problems")
    assert all(check.message.isprintable() for check in report.checks)
    json.dumps(report.to_json())


# Apps


@pytest.mark.parametrize(
    ("user_agent", "app"),
    [
        ("Google-Calendar-Importer", "google"),
        ("Mozilla/5.0 (compatible; Google-Calendar-Importer)", "google"),
        ("iOS/16.3.1 (20D67) dataaccessd/1.0", "apple"),
        ("macOS/13.0 (22A380) dataaccessd/1.0", "apple"),
        ("macOS/11.0 (20A5343i) CalendarAgent/950", "apple"),
        ("Mac+OS+X/10.11.6 (15G1217) CalendarAgent/361.2", "apple"),
        ("Mac_OS_X/10.9 (13A603) CalendarAgent/174", "apple"),
        ("CalendarStore/5.0 (1127); iCal/5.0 (1535); Mac OS X/10.7.1 (11B26)", "apple"),
        ("Microsoft Exchange/15.20 (Windows NT 10.0; Win64; x64)", "outlook"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.16327; Pro)", "outlook"),
        ("Outlook-iOS/2.0", "outlook"),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "outlook"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0", "thunderbird"),
        ("Mozilla/5.0 (X11; rv:60.0) Gecko/20100101 Thunderbird/60.9.1 Lightning/6.2.9.1", "thunderbird"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0", "other"),
        ("ICSx5/2.3 (2025/08/20; okhttp/5.1.0) Android/16", "other"),
        ("curl/8.6.0", "other"),
        ("Vertical/1.0", "other"),
        ("", "other"),
        ("x" * 1_000_000 + "Thunderbird/1", "other"),
    ],
)
def test_apps_are_known_by_their_user_agents(user_agent: str, app: str) -> None:
    assert app_of(user_agent) == app


def test_every_app_has_an_expected_delay_with_its_source() -> None:
    assert set(EXPECTED_DELAY) == {"google", "apple", "outlook", "thunderbird", "other"}
    assert all(all(delay) for delay in EXPECTED_DELAY.values())
