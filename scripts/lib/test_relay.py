"""Tests of listener.py and relay.py."""
import socket
import threading
import unittest

from lib.listener import Listener, free_port, read_all
from lib.relay import Relay
from lib.target import Response, Target

SECONDS_MAX = 20.0
REQUEST = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"


class Watch(Relay):
    """Keeps what it sees, and sends `instead` in place of responses."""

    def __init__(self, upstream_port: int, instead: bytes | None = None, idle: float = SECONDS_MAX):
        self.instead = instead
        self.seen: list[tuple[bytes, bytes]] = []
        super().__init__(upstream_port, idle_seconds_max=idle)

    def begin(self) -> bytes | None:
        return self.instead

    def end(self, request: bytes, response: bytes) -> None:
        self.seen.append((request.split(b"\r\n")[0], response.split(b"\r\n")[0]))


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), SECONDS_MAX)


class Listeners(unittest.TestCase):
    def test_each_connection_has_a_thread(self) -> None:
        both = threading.Barrier(2, timeout=SECONDS_MAX)

        def serve(connection: socket.socket) -> None:
            both.wait()
            connection.sendall(b"served")

        with Listener(serve) as listener:
            with connect(listener.port) as one, connect(listener.port) as other:
                self.assertEqual((read_all(one), read_all(other)), (b"served", b"served"))

    def test_workers_serve_one_connection_at_a_time(self) -> None:
        serving, most = [], []

        def serve(connection: socket.socket) -> None:
            serving.append(connection)
            most.append(len(serving))
            connection.recv(1)
            serving.remove(connection)

        with Listener(serve, workers=1) as listener:
            for connection in [connect(listener.port) for _ in range(3)]:
                connection.sendall(b"a")
                read_all(connection)
                connection.close()
        self.assertEqual(most, [1, 1, 1])

    def test_nothing_is_accepted_after_the_end(self) -> None:
        with Listener(lambda _: None) as listener:
            pass
        listener.close()
        for port in (listener.port, free_port()):
            with self.assertRaises(ConnectionRefusedError):
                connect(port)


class Relays(unittest.TestCase):
    def test_requests_and_responses_are_seen_in_pairs(self) -> None:
        with Target(Response(204)) as target, Watch(target.port) as relay:
            with connect(relay.port) as connection:
                for number in range(2):
                    connection.sendall(REQUEST % number)
                    self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 204"))
        status = b"HTTP/1.1 204 No Content"
        seen = [(b"GET /0 HTTP/1.1", status), (b"GET /1 HTTP/1.1", status)]
        self.assertEqual(relay.seen, seen)

    def test_a_half_closed_connection_gets_its_response(self) -> None:
        with Target(Response(204)) as target, Watch(target.port) as relay:
            with connect(relay.port) as connection:
                connection.sendall(REQUEST % 1)
                connection.shutdown(socket.SHUT_WR)
                self.assertTrue(read_all(connection).startswith(b"HTTP/1.1 204"))
        self.assertEqual(len(relay.seen), 1)

    def test_an_interim_response_is_no_response(self) -> None:
        final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
        with Target(interim + final) as target, Watch(target.port) as relay:
            with connect(relay.port) as connection:
                connection.sendall(REQUEST % 1)
                self.assertEqual(read_all(connection), interim + final)
        self.assertEqual(relay.seen, [(b"GET /1 HTTP/1.1", b"HTTP/1.1 200 OK")])

    def test_no_response_is_seen_as_none(self) -> None:
        with Target(b"") as target, Watch(target.port) as relay:
            with connect(relay.port) as connection:
                connection.sendall(REQUEST % 1)
                self.assertEqual(read_all(connection), b"")
        self.assertEqual(relay.seen, [(b"GET /1 HTTP/1.1", b"")])

    def test_a_response_instead_ends_the_connection(self) -> None:
        with Target(Response()) as target, Watch(target.port, REFUSAL) as relay:
            with connect(relay.port) as connection:
                connection.sendall(REQUEST % 1)
                self.assertEqual(read_all(connection), REFUSAL)
            self.assertEqual(target.requests, [])
        self.assertEqual(relay.seen, [(b"GET /1 HTTP/1.1", REFUSAL.split(b"\r\n")[0])])

    def test_an_idle_connection_is_closed(self) -> None:
        with Target(Response()) as target, Watch(target.port, idle=0.05) as relay:
            with connect(relay.port) as connection:
                self.assertEqual(read_all(connection), b"")


if __name__ == "__main__":
    unittest.main()
