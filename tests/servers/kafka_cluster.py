"""librdkafka's own mock cluster, one broker that keeps everything in memory: a program of its own.

`python kafka_cluster.py PORT` takes one command a line on that port and answers each with one line: `address` with the
broker's; `down` and `up` end and take up its connections, and what it holds stays; `error NUMBER COUNT` has it answer
so many requests to write with an error of Kafka's protocol.
"""

from __future__ import annotations

import ctypes
import glob
import os
import socketserver
import sys

import confluent_kafka

_PRODUCER, _PRODUCE_REQUEST = 0, 0
_PARTITIONS = 4


def load() -> ctypes.CDLL:
    """The library that the client brings with it."""
    folder = os.path.dirname(os.path.dirname(confluent_kafka.__file__))
    library = ctypes.CDLL(glob.glob(f"{folder}/confluent_kafka.libs/librdkafka-*.so*")[0])
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library


class Cluster:
    """The mock cluster."""

    def __init__(self) -> None:
        self._library = load()
        why = ctypes.create_string_buffer(512)
        configuration = ctypes.c_void_p(self._library.rd_kafka_conf_new())
        client = ctypes.c_void_p(self._library.rd_kafka_new(_PRODUCER, configuration, why, ctypes.c_size_t(512)))
        self._cluster = ctypes.c_void_p(self._library.rd_kafka_mock_cluster_new(client, 1))

    def answer(self, command: str, *numbers: str) -> str:
        library, cluster = self._library, self._cluster
        if command == "address":
            return str(library.rd_kafka_mock_cluster_bootstraps(cluster).decode())
        if command == "down":
            return str(library.rd_kafka_mock_broker_set_down(cluster, 1))
        if command == "up":
            return str(library.rd_kafka_mock_broker_set_up(cluster, 1))
        if command == "error":
            number, count = map(int, numbers)
            errors = (ctypes.c_int * count)(*[number] * count)
            library.rd_kafka_mock_push_request_errors_array(cluster, _PRODUCE_REQUEST, ctypes.c_size_t(count), errors)
            return "0"
        raise ValueError(command)


def main() -> None:
    cluster = Cluster()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                self.wfile.write(f"{cluster.answer(*line.decode().split())}\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
