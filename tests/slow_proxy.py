"""A slow line to a server on this machine: what goes through it takes its time, each way, however many connect."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

_PIECE_BYTES = 4_096
_BUFFER_BYTES = 16_384
"""Small, so that who sends notices soon how slow it is."""


class SlowProxy:
    """Listens on `port` of 127.0.0.1; as a context manager it ends all connections at the exit.

    `target`, where new connections lead, and `bytes_per_second` (None: at once) may be changed at any time.
    """

    def __init__(self, target: int, bytes_per_second: float | None = None) -> None:
        self.target = target
        self.bytes_per_second = bytes_per_second
        self._listening = socket.socket()
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes who waits there
            one.close()

    def _accept(self) -> None:
        there, back = threading.Lock(), threading.Lock()
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket()
                self._open += [client, server]
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
                try:
                    server.connect(("127.0.0.1", self.target))
                except OSError:
                    client.close()
                    continue
                threading.Thread(target=self._pass_on, args=(client, server, there), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, client, back), daemon=True).start()

    def _pass_on(self, source: socket.socket, end: socket.socket, line: threading.Lock) -> None:
        with suppress(OSError):
            while octets := source.recv(_PIECE_BYTES):
                if self.bytes_per_second is not None:
                    with line:
                        time.sleep(len(octets) / self.bytes_per_second)
                end.sendall(octets)
        with suppress(OSError):
            end.shutdown(socket.SHUT_WR)
