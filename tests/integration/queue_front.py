"""A server in front of the local SQS that passes calls on, and answers some itself: with errors, late, or never."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

Content = dict[str, Any]
Answer = tuple[int, Content]
"""A status and what JSON goes with it."""


def refusal(code: str, status: int = 400, message: str = "no") -> Answer:
    """How SQS says no."""
    return status, {"__type": f"com.amazonaws.sqs#{code}", "message": message}


class Front:
    """`answers` are asked, with the operation and its content, whether they answer themselves; None passes it on."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target).netloc
        self.answers: list[Callable[[str, Content], Answer | None]] = []
        self.change: Callable[[str, Content, Content], None] | None = None
        """May change what the local SQS answered."""
        self.calls: list[tuple[str, Content]] = []
        self.end = Event()
        self.endpoint = ""

    def count(self, operation: str) -> int:
        """How many calls of this operation came."""
        return sum(name == operation for name, _ in self.calls)

    def refuse(self, operation: str, answer: Answer, *, times: int = 10**9) -> None:
        """Answer the next calls of this operation so."""
        left = [times]

        def answered(name: str, _: Content) -> Answer | None:
            if name != operation or not left[0]:
                return None
            left[0] -= 1
            return answer

        self.answers.append(answered)

    def hang(self, operation: str) -> None:
        """Never answer calls of this operation."""

        def answered(name: str, _: Content) -> Answer | None:
            if name == operation:
                self.end.wait(60)
            return None

        self.answers.append(answered)

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """What is answered to a call."""
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        content = json.loads(body or b"{}")
        self.calls.append((operation, content))
        own = next(filter(None, (answer(operation, content) for answer in self.answers)), None)
        if own:
            return own[0], json.dumps(own[1]).encode()
        connection = http.client.HTTPConnection(self.target, timeout=40)
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        status, text = response.status, response.read()
        connection.close()
        if self.change and status == 200 and text:
            found = json.loads(text)
            self.change(operation, content, found)
            text = json.dumps(found).encode()
        return status, text


@contextmanager
def front_of(endpoint: str) -> Iterator[Front]:
    """A front of the SQS at this address, at its own address."""
    front = Front(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, text = front.answer(dict(self.headers), body)
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:  # the client has gone
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    front.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield front
    finally:
        front.end.set()
        server.shutdown()
        server.server_close()
