"""A relay in front of a server that sees requests and responses, and may respond by itself."""
import re
import select
import socket

from lib.listener import Listener

RESPONSE_SECONDS_MAX = 60.0
INTERIM = re.compile(rb"(HTTP/1\.1 1\d\d [^\r]*\r\n(.+\r\n)*\r\n)+")


class Relay(Listener):
    """Relays connections to a port of the loopback interface; one request at a time is expected.

    A connection that is idle for `idle_seconds_max` is closed.
    """

    def __init__(
        self, upstream_port: int, workers: int = 0, idle_seconds_max: float = RESPONSE_SECONDS_MAX
    ):
        self.upstream_port, self.idle_seconds_max = upstream_port, idle_seconds_max
        super().__init__(self.relay, workers=workers)

    def begin(self) -> bytes | None:
        """A request begins: bytes that are sent instead of a response, then the end; or None."""
        return None

    def end(self, request: bytes, response: bytes) -> None:
        """What was sent of a request, and the first bytes of its response; none: there is none.

        The client has not received the response yet: what it sends next is seen later.
        """

    def relay(self, client: socket.socket) -> None:
        """Serves one connection."""
        with socket.create_connection(("127.0.0.1", self.upstream_port)) as upstream:
            request = bytearray()
            try:
                self._relay(client, upstream, request)
            finally:
                if request:
                    self.end(bytes(request), b"")

    def _relay(self, client: socket.socket, upstream: socket.socket, request: bytearray) -> None:
        while True:
            wait = RESPONSE_SECONDS_MAX if request else self.idle_seconds_max
            ready, _, _ = select.select([client, upstream], [], [], wait)
            if upstream in ready:
                if not self._respond(client, upstream, request):
                    return
            elif client in ready:
                data = client.recv(65536)
                if not data:
                    upstream.shutdown(socket.SHUT_WR)
                    while request and self._respond(client, upstream, request):
                        pass
                    return
                instead = None if request else self.begin()
                request += data
                if instead is not None:
                    self.end(bytes(request), instead)
                    request.clear()
                    client.sendall(instead)
                    return
                upstream.sendall(data)
            else:
                return

    def _respond(self, client: socket.socket, upstream: socket.socket, request: bytearray) -> bool:
        """Relays what the server sent; whether it sent anything."""
        data = upstream.recv(65536)
        interim = INTERIM.match(data)
        response = data[interim.end() :] if interim else data
        if response and request:
            self.end(bytes(request), response)
            request.clear()
        client.sendall(data)
        return bool(data)
