"""A TCP server on the loopback interface that gives each connection to a function."""
import socket
import threading
from collections.abc import Callable
from typing import Self

BACKLOG_CONNECTIONS = 128


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens to now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def read_all(connection: socket.socket) -> bytes:
    """What is received until the other side ends."""
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


class Listener:
    """Calls `serve` with each connection, in a thread of its own, and closes it then.

    With `workers`, so many threads serve one connection each and the others wait.
    """

    def __init__(
        self, serve: Callable[[socket.socket], None], host: str = "127.0.0.1", workers: int = 0
    ):
        self.serve = serve
        self.socket = socket.create_server((host, 0), backlog=BACKLOG_CONNECTIONS)
        self.port = int(self.socket.getsockname()[1])
        for _ in range(workers or 1):
            threading.Thread(target=self._accept, args=(workers > 0,), daemon=True).start()

    def _accept(self, alone: bool) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            if alone:
                self._serve(connection)
            else:
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self.serve(connection)
        except OSError:
            pass  # whoever connected may go away at any time

    def close(self) -> None:
        """No connection is accepted after this; those that are open stay open."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the threads that wait in accept
        except OSError:
            pass  # closed before
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
