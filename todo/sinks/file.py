"""Events at the end of a file, one a line."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import orjson

from todo.errors import BadSetting
from todo.events import Envelope
from todo.sinks import BOUND_SECONDS, SinkUnavailable
from todo.sinks.order import first_of

_MODE = 0o640  # not for everybody: it holds people's tasks
_POLL_SECONDS = 0.1
_IDLE_SECONDS = 1.0
_READ_BYTES = 1_048_576
_WRITE_BYTES = 1_048_576
_START_SECONDS = BOUND_SECONDS / 2
"""After so long no more is written: a slow disk has the rest of the time for what it has begun."""


def open_sink(url: str) -> FileSink:
    """The sink at `file:///folder/name`, an absolute path."""
    path = unquote(url.partition("://")[2].removeprefix("localhost"))
    if not path.startswith("/") or path.endswith("/") or "\0" in path:
        raise BadSetting("EVENTS_URL: must be like file:///var/lib/taskoverflow/events.jsonl, with the whole path")
    return FileSink(Path(path))


class FileSink:
    """A file that is opened for each batch: one that was moved away, as log files are, is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, events: Sequence[Envelope]) -> Iterator[tuple[Envelope, str | None]]:
        """Write them in pieces, and have each on the disk before any of it is given back."""
        last_start = time.monotonic() + _START_SECONDS
        while events:
            some = first_of(events, _WRITE_BYTES)
            try:
                self._append(b"".join(event.json + b"\n" for event in some))
            except OSError as error:
                raise self._unavailable(error) from None
            yield from ((event, None) for event in some)
            events = events[len(some) :]
            if time.monotonic() >= last_start:
                return

    def _append(self, lines: bytes) -> None:
        # Not to wait for the other end of a pipe.
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, _MODE)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SinkUnavailable(f"{self._path} is no ordinary file")
            if status.st_size and os.pread(descriptor, 1, status.st_size - 1) != b"\n":
                # The process that wrote the last line was killed, or the disk was full: this line is no event, and is
                # not to spoil the next.
                lines = b"\n" + lines
            rest = memoryview(lines)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not status.st_size:
            self._keep_name()

    def _keep_name(self) -> None:
        # A new file is on the disk only when its folder is.
        descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def follow(self, *, from_start: bool = False) -> Iterator[bytes | None]:
        """Its lines; from the beginning of the next file, once this one is moved away or emptied."""
        position = -1 if not from_start else 0
        number, idle_since, half = 0, time.monotonic(), b""
        while True:
            try:
                number, position, read = self._read(number, position)
            except FileNotFoundError:
                position, read = 0, b""  # nothing was sent yet
            except OSError as error:
                raise self._unavailable(error) from None
            if read is None:  # another file
                half, idle_since = b"", time.monotonic()
                yield None
                continue
            *lines, half = (half + read).split(b"\n")
            for line in lines:
                if _is_event(line):
                    yield line
            if lines or time.monotonic() - idle_since > _IDLE_SECONDS:
                idle_since = time.monotonic()
                yield None
            elif not read:
                time.sleep(_POLL_SECONDS)

    def _read(self, number: int, position: int) -> tuple[int, int, bytes | None]:
        """The file's number, the position after what was read, and that; None when the file is another than before.

        Position -1 is the end.
        """
        with self._path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SinkUnavailable(f"{self._path} is no ordinary file")
            if position < 0:
                return status.st_ino, status.st_size, None
            if status.st_ino != number or status.st_size < position:
                return status.st_ino, 0, None
            file.seek(position)
            read = file.read(_READ_BYTES)
            return number, position + len(read), read

    def close(self) -> None:
        """Nothing is open."""

    def _unavailable(self, error: OSError) -> SinkUnavailable:
        return SinkUnavailable(f"{self._path} cannot be used: {error.strerror or error}")


def _is_event(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:  # half a line
        return False
