"""The laboratory's server: SQS and SNS on loopback, in memory, and what it counted, for as long as it runs.

Beside the two services it answers, as JSON:

- `GET /lab` - `{"laboratory": "taskoverflow", "version": …, "strict": false, "seed": 7}`; this tells it from AWS and
  from other emulators;
- `GET /lab/queues` - `{"region": "us-east-1", "queues": [{"name": …, "available": 3, "in_flight": 0, "delayed": 0,
  "oldest_seconds": 12}, …]}`;
- `GET /lab/queues/<name>/figures` - the queue over time, 404 with `{"error": …}` when there is no such queue:

      {"queue": "ical", "region": "us-east-1",
       "now": 1790000000.5,
       "totals":  {"sent": 100, "received": 103, "deleted": 100, "empty_receives": 7},
       "seconds": {"step_seconds": 1, "from": 1789999401,
                   "sent": [0, 10, …], "received": […], "deleted": […], "empty_receives": […],
                   "available": [null, 3, …], "in_flight": […], "delayed": […], "oldest_seconds": […]},
       "minutes": the same with "step_seconds": 60}

  Each list has one entry for each step, the oldest first; the first entry is that of the step which began at `from`
  (seconds since 1970, a multiple of the step), the last one that of now, which is not over. At most 600 seconds and
  360 minutes are kept, none from before the queue was made. Counts are sums over the step; levels are the highest
  within it, and null where none was taken. `oldest_seconds` is 0 when the queue is empty.

`?region=` chooses another region than us-east-1. Every region has the practical's queues, and a topic for
TaskOverflow's events with three queues.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from werkzeug.serving import BaseWSGIServer, make_server

from todo import __version__
from todo.lab.disorder import Disorder
from todo.up import check_port

HOST = "127.0.0.1"
REGION = "us-east-1"
KEY = "test"
ACCOUNT = "123456789012"
SERVICES = ("sqs", "sns", "sts")
SAMPLE_SECONDS = 1.0
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}

DEAD_LETTERS = "ical-dlq"
EVENTS_TOPIC = "taskoverflow-events"
EVENTS_QUEUES: dict[str, dict[str, list[str]]] = {
    "events-all": {},
    "events-completed": {"type": ["todo.completed"]},
    "events-list-1": {"list": ["1"]},
}
"""The queues that the topic sends to, and what they want of it; `infra/events` makes the same on AWS."""
_TOPIC_SENDS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TopicSends",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": f"arn:aws:sqs:{{region}}:{ACCOUNT}:{{queue}}",
                "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:{{region}}:{ACCOUNT}:{EVENTS_TOPIC}"}},
            }
        ],
    }
)

PREPARED: tuple[tuple[str, dict[str, str]], ...] = (
    ("csse6400_prac", {}),
    ("csse6400_prac.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"}),
    (DEAD_LETTERS, {"MessageRetentionPeriod": "1209600"}),
    (
        "ical",
        {
            "VisibilityTimeout": "300",  # as the worker makes it
            "RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": f"arn:aws:sqs:{{region}}:{ACCOUNT}:{DEAD_LETTERS}", "maxReceiveCount": 5}
            ),
        },
    ),
    *((name, {"Policy": _TOPIC_SENDS.replace("{queue}", name)}) for name in EVENTS_QUEUES),
)
"""The queues that are there from the start; {region} in their attributes is the region's name."""

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Laboratory:
    """The server. It listens as soon as it is made; `serve` answers until `stop`."""

    def __init__(self, port: int = 0, *, strict: bool = False, seed: int = 0) -> None:
        """Port 0 takes a free one. Raises `TodoError` when it cannot listen there."""
        self._about = {"laboratory": "taskoverflow", "version": __version__, "strict": strict, "seed": seed}
        check_port(HOST, port)
        self._services = _services(strict=strict, seed=seed)
        listener = socket.create_server((HOST, port))
        self.port: int = listener.getsockname()[1]
        self._server = _server(listener, self._answer)
        self._stopped = threading.Event()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{HOST}:{self.port}"

    @property
    def events_url(self) -> str:
        """TaskOverflow's setting EVENTS_URL: sends its events to the topic that is there from the start."""
        return f"sns://arn:aws:sns:{REGION}:{ACCOUNT}:{EVENTS_TOPIC}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead AWS's client libraries and command line here."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_DEFAULT_REGION": REGION,
        }

    def serve(self) -> None:
        """Answer requests until `stop` is called from another thread, or the process is interrupted."""
        threading.Thread(target=self._sample, name="sample", daemon=True).start()
        try:
            self._server.serve_forever()
        finally:
            self._stopped.set()
            self._server.server_close()

    def stop(self) -> None:
        """End `serve`. Requests under way are given up."""
        self._stopped.set()
        self._server.shutdown()

    def _sample(self) -> None:
        from todo.lab import mends

        while not self._stopped.wait(SAMPLE_SECONDS):
            for queue in mends.every_queue():
                queue.figures.note(queue.levels())

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        try:
            if path == "/lab" or path.startswith("/lab/"):
                return self._tell(environ, path, start_response)
            return self._services(environ, start_response)  # type: ignore[no-any-return]
        except NotImplementedError as error:  # an action that moto does not have, a service that is not here
            return _refuse(environ, start_response, 400, "InvalidAction", str(error))
        except Exception as error:  # nothing that one request does ends up in the terminal
            return _refuse(environ, start_response, 500, "InternalFailure", repr(error))

    def _tell(self, environ: Environ, path: str, start_response: StartResponse) -> Iterable[bytes]:
        from todo.lab import mends

        region = parse_qs(environ.get("QUERY_STRING", "")).get("region", [REGION])[0]
        try:
            queues = mends.queues_of(region)
        except KeyError:
            return _say(start_response, 404, {"error": f"There is no region {region}"})
        if path == "/lab":
            return _say(start_response, 200, self._about)
        if path == "/lab/queues":
            told = [{"name": name, **queue.levels()} for name, queue in sorted(queues.items())]
            return _say(start_response, 200, {"region": region, "queues": told})
        found = re.fullmatch(r"/lab/queues/([^/]+)/figures", path)
        queue = queues.get(found[1]) if found else None
        if queue is None:
            return _say(start_response, 404, {"error": "There is no such queue" if found else "There is no such page"})
        queue.figures.note(queue.levels())
        return _say(start_response, 200, {"queue": queue.name, "region": region, **queue.figures.as_json()})


def _services(*, strict: bool, seed: int) -> Any:
    """moto's application, mended, for the services of the laboratory alone."""
    from moto.moto_server import werkzeug_app

    from todo.lab import mends

    mends.install(
        lambda name: None if strict else Disorder(f"{seed} {name}"),
        queues=PREPARED,
        topics={EVENTS_TOPIC: EVENTS_QUEUES},
    )
    # Else every web page in a browser could read and write here.
    werkzeug_app.DISABLE_GLOBAL_CORS = True  # type: ignore[attr-defined]

    class Services(werkzeug_app.DomainDispatcherApplication):
        def get_backend_for_host(self, host: str | None) -> Any:
            service = super().get_backend_for_host(host)
            if host is not None and service not in SERVICES:
                raise NotImplementedError("The laboratory has SQS and SNS alone")
            return service

    return Services(werkzeug_app.create_backend_app)


def _server(listener: socket.socket, application: Any) -> BaseWSGIServer:
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class Handler(MotoRequestHandler):
        def log_request(self, *_: Any) -> None:
            """Keep the terminal free."""

    server = make_server(
        HOST, listener.getsockname()[1], application, True, request_handler=Handler, fd=listener.fileno()
    )
    listener.detach()  # the server closes it
    return server


def _refuse(environ: Environ, start_response: StartResponse, status: int, code: str, message: str) -> Iterable[bytes]:
    """An error in the protocol of the request: JSON, or for the older one, of forms, XML."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return _say(start_response, status, {"__type": code, "message": message})
    start_response(f"{status} {REASONS[status]}", [("Content-Type", "text/xml")])
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return [f"<ErrorResponse>{error}</ErrorResponse>".encode()]


def _say(start_response: StartResponse, status: int, content: dict[str, Any]) -> Iterable[bytes]:
    start_response(f"{status} {REASONS[status]}", [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(content).encode()]
