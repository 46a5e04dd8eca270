"""Programs that people use, subscribed to a feed: vdirsyncer fetches it into a folder, khal shows the folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.running import DEADLINE_SECONDS, Deployment
from tests.servers import wait_until

SYNCER = """
[general]
status_path = "{folder}/status"

[pair tasks]
a = "feed"
b = "folder"
collections = null
conflict_resolution = "a wins"

[storage feed]
type = "http"
url = "{url}"

[storage folder]
type = "filesystem"
path = "{folder}/calendar"
fileext = ".ics"
"""

VIEWER = """
[calendars]
[[tasks]]
path = {folder}/calendar
readonly = True

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Berlin
default_timezone = Europe/Berlin

[sqlite]
path = {folder}/khal.db
"""


class Subscriber:
    """Somebody with vdirsyncer and khal, and settings of their own."""

    def __init__(self, deployment: Deployment, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self._environment = {**deployment.environment, "HOME": str(folder), "PYTHONPATH": ""}
        (folder / "calendar").mkdir(parents=True)
        (folder / "vdirsyncer.conf").write_text(SYNCER.format(folder=folder, url=url))
        (folder / "khal.conf").write_text(VIEWER.format(folder=folder))
        self._run("vdirsyncer", "-c", str(folder / "vdirsyncer.conf"), "discover")

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(Path(sys.executable).parent / program), *arguments],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sync(self) -> None:
        """Fetch the feed into the folder."""
        self._run("vdirsyncer", "-c", str(self.folder / "vdirsyncer.conf"), "sync")

    def events(self) -> list[str]:
        """What is shown of the year: the start and title of each event, sorted."""
        shown = self._run(
            "khal", "-c", str(self.folder / "khal.conf"), "list", "2026-01-01", "365d",
            "--day-format", "", "--format", "{start} {title}", "--once",
        )  # fmt: skip
        return sorted(line for line in shown.splitlines() if line.strip())

    def sees(self, *events: str) -> None:
        """Wait until these events are shown and no others."""

        def seen() -> bool:
            self.sync()
            return self.events() == sorted(events)

        try:
            wait_until(seen, DEADLINE_SECONDS, "the calendar shows it")
        except TimeoutError:
            assert self.events() == sorted(events)
        assert len(list((self.folder / "calendar").glob("*.ics"))) == len(events)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with Deployment(tmp_path_factory.mktemp("subscribed"), {"WINDOW_SECONDS": "0"}) as deployment:
        deployment.start_web()
        deployment.start_worker()
        yield deployment


def subscribed(deployment: Deployment, folder: Path, **feed: object) -> Subscriber:
    """A subscriber of a new feed."""
    answer = deployment.request("POST", "feeds", json=feed)
    assert answer.status_code == 201, answer.text
    return Subscriber(deployment, folder, answer.json()["url"])


def test_a_subscriber_sees_what_is_made_changed_completed_and_deleted_once_each(
    deployment: Deployment, tmp_path: Path
) -> None:
    milk = deployment.add("Milk", "2026-05-01T10:00:00")
    deployment.add("Bread, brown; zwei Stück 🍞", "2026-05-02")
    deployment.add("Call", "2026-05-03T10:00:00Z")
    deployment.add("Someday", None)
    person = subscribed(deployment, tmp_path / "person")
    first = ["2026-05-02 Bread, brown; zwei Stück 🍞", "2026-05-03 12:00 Call"]
    person.sees("2026-05-01 10:00 Milk", *first)
    files = sorted((tmp_path / "person" / "calendar").iterdir())
    person.sync()
    assert sorted((tmp_path / "person" / "calendar").iterdir()) == files  # nothing has changed: nothing is moved

    deployment.request("PUT", f"todos/{milk}", json={"title": "Milk, fresh", "deadline_at": "2026-06-01T08:30:00"})
    person.sees("2026-06-01 08:30 Milk, fresh", *first)
    deployment.request("PUT", f"todos/{milk}", json={"completed": True})
    person.sees("2026-06-01 08:30 ✓ Milk, fresh", *first)
    deployment.request("PUT", f"todos/{milk}", json={"completed": False})
    person.sees("2026-06-01 08:30 Milk, fresh", *first)
    deployment.request("DELETE", f"todos/{milk}")
    person.sees(*first)
    deployment.add("New", "2026-07-01")
    person.sees("2026-07-01 New", *first)


def test_two_subscribers_of_two_feeds_see_each_their_own(deployment: Deployment, tmp_path: Path) -> None:
    done = deployment.add("filtered: done", "2026-08-01T09:00:00")
    deployment.add("filtered: open", "2026-08-02T09:00:00")
    all_of_it = subscribed(deployment, tmp_path / "all", text="filtered")
    what_is_open = subscribed(deployment, tmp_path / "open", text="FILTERED", finished="hide", all_day=True)
    all_of_it.sees("2026-08-01 09:00 filtered: done", "2026-08-02 09:00 filtered: open")
    what_is_open.sees("2026-08-01 filtered: done", "2026-08-02 filtered: open")
    deployment.request("PUT", f"todos/{done}", json={"completed": True})
    all_of_it.sees("2026-08-01 09:00 ✓ filtered: done", "2026-08-02 09:00 filtered: open")
    what_is_open.sees("2026-08-02 filtered: open")


def test_a_day_of_ticking_off_two_hundred_todos_leaves_two_hundred_events(
    deployment: Deployment, tmp_path: Path
) -> None:
    ids = [deployment.add(f"many {number:03}", "2026-09-01T09:00:00") for number in range(200)]
    person = subscribed(deployment, tmp_path / "person", text="many")
    person.sees(*(f"2026-09-01 09:00 many {number:03}" for number in range(200)))
    edits = [{"id": todo_id, "completed": True} for todo_id in ids]
    assert deployment.request("PATCH", "todos", json=edits).status_code == 200
    person.sees(*(f"2026-09-01 09:00 ✓ many {number:03}" for number in range(200)))


def test_a_subscriber_whose_address_was_revoked_keeps_what_it_has_and_gets_no_more(
    deployment: Deployment, tmp_path: Path
) -> None:
    todo_id = deployment.add("kept", "2026-10-01T09:00:00")
    person = subscribed(deployment, tmp_path / "person", text="kept")
    person.sees("2026-10-01 09:00 kept")
    feed_id = deployment.query("SELECT max(id) FROM feeds")
    deployment.request("POST", f"feeds/{feed_id}/revoke")
    deployment.request("PUT", f"todos/{todo_id}", json={"title": "kept and changed"})
    assert requests.get(person.url, timeout=DEADLINE_SECONDS).status_code == 404
    with pytest.raises(AssertionError, match="Not Found"):
        person.sync()
    assert person.events() == ["2026-10-01 09:00 kept"]
