"""A small server for what foreign ones do: each test says, octet by octet, how it answers."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

WAIT_SECONDS = 30  # no thread outlives a failed test by more

Answer = Callable[[socket.socket, str], None]


class ForeignServer:
    """Answers on a free port of 127.0.0.1; `requests` are the heads it was sent, `connections` counts all."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer, self._tls = answer, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.requests: list[str] = []
        self.connections = 0
        self.asked = threading.Event()  # set once a request has come
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                connection.settimeout(WAIT_SECONDS)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:  # the client is free to leave at any point
            talking = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with talking:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = talking.recv(65_536)
                    if not piece:
                        return
                    head += piece
                self.requests.append(head.decode("latin-1"))
                self.asked.set()
                self._answer(talking, self.requests[-1])


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[ForeignServer]:
    server = ForeignServer(answer, tls)
    try:
        yield server
    finally:
        server.close()


def ok(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer with its Content-Length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def always(answer: bytes) -> Answer:
    return lambda connection, _: connection.sendall(answer)


def never(connection: socket.socket, _: str) -> None:
    """Waits until the client has gone."""
    connection.recv(1)
