"""An HTTP/1.1 server whose responses a test chooses, in clear text or over TLS."""
import contextlib
import email.message
import email.utils
import http.client
import http.server
import json
import pathlib
import secrets
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

from lib import ROOT
from lib.clients import Client

BODY_BYTES_MAX = 16 << 20
LINGER_SECONDS_MAX = 2.0
POLL_SECONDS = 0.02
TLS_HANDSHAKE = b"\x16"
Headers = Sequence[tuple[str, str]]


class Request(NamedTuple):
    """A request as it was received, the number counted from 1 on.

    Of one that cannot be read, `line` alone has something.
    """

    number: int
    line: str
    method: str
    path: str
    version: str
    headers: email.message.Message
    body: bytes


class Response(NamedTuple):
    """A response; Date and the framing are added. Names and values are written as they are, line
    ends apart: what a test sends back may be no valid header field otherwise."""

    status: int = 200
    body: bytes = b""
    headers: Headers = ()
    reason: str | None = None
    trailers: Headers = ()

    def encoded(self, method: str) -> bytes:
        """The bytes of the response to a method."""
        reason = http.client.responses.get(self.status, "") if self.reason is None else self.reason
        fields = [("Date", email.utils.formatdate(usegmt=True)), *self.headers]
        body = self.body
        if self.trailers:
            names = ", ".join(name for name, _ in self.trailers)
            fields += [("Transfer-Encoding", "chunked"), ("Trailer", names)]
            chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            end = b"".join(_field(*one) for one in self.trailers)
            body = chunk + b"0\r\n" + end + b"\r\n"
        else:
            fields += [("Content-Length", str(len(body)))]
        head = b"HTTP/1.1 %d %s\r\n" % (self.status, _text(reason))
        head += b"".join(_field(*one) for one in fields) + b"\r\n"
        return head if method == "HEAD" else head + body


# None: no response, and the connection stays open. Bytes are sent as they are, then the end.
Respond = Callable[[Request], Response | bytes | None]


def _text(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape").replace(b"\r", b"").replace(b"\n", b" ")


def _field(name: str, value: str) -> bytes:
    return _text(name) + b": " + _text(value) + b"\r\n"


def json_response(value: Any, status: int = 200, headers: Headers = ()) -> Response:
    """A value as JSON, never to be stored."""
    fields = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *headers]
    return Response(status, json.dumps(value).encode(), fields)


def token_response(token: str = "", **members: Any) -> Response:
    """A valid token response, each with a token of its own unless one is given."""
    known = {"access_token": token or secrets.token_urlsafe(32), "token_type": "Bearer"}
    return json_response({**known, "expires_in": 60, "scope": "read", **members})


def is_control(request: Request, client: Client) -> bool:
    """Whether it is the control request of a run with `--scope read`, its login in the header."""
    return (
        request.body == b"grant_type=client_credentials&scope=read"
        and request.headers.get("Authorization") == client.basic
    )


class Certificates(NamedTuple):
    """A certificate for 127.0.0.1 and localhost, its key, and the authority that issued it."""

    authority: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path


def certificates(folder: pathlib.Path) -> Certificates:
    """Makes new ones."""
    subprocess.run([ROOT / "fixtures/tls/make_certificates", folder], check=True, timeout=60)
    return Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")


class _Handler(http.server.BaseHTTPRequestHandler):
    """Gives every request to the target, also one with an unknown method or none at all."""

    protocol_version = "HTTP/1.1"
    target: "Target"

    def setup(self) -> None:
        context = self.target.context
        if context is not None:
            self.request = context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle_one_request(self) -> None:
        if self.rfile.peek(1)[:1] == TLS_HANDSHAKE:  # type: ignore[attr-defined]
            self.requestline, self.command = "", ""
            self.send_error(400)
        else:
            super().handle_one_request()

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "").strip()
        bytes_max = min(int(length), BODY_BYTES_MAX) if length.isdecimal() else 0
        self._send(
            self.command, self.path, self.request_version, self.headers, self.rfile.read(bytes_max)
        )

    def send_error(self, code: int, *_: Any) -> None:
        """A request that cannot be read gets the response of the target, and the end."""
        self.close_connection = True
        self._send("", "", "", email.message.Message(), b"")

    def _send(self, *received: Any) -> None:
        response = self.target.receive(self.requestline, *received)
        if response is None:
            self.target.ended.wait()
            self.close_connection = True
        elif isinstance(response, bytes):
            self.wfile.write(response)
            self.close_connection = True
        else:
            self.wfile.write(response.encoded(received[0]))

    def finish(self) -> None:
        """Reads on for a moment: a connection closed on unread bytes may lose the response."""
        super().finish()
        until = time.monotonic() + LINGER_SECONDS_MAX
        with contextlib.suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(LINGER_SECONDS_MAX)
            while time.monotonic() < until and self.request.recv(65536):
                pass
        if self.target.context:
            self.request.close()  # the server has the socket beneath, and closes that

    def log_message(self, *_: Any) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # whoever connected may go away at any time


class Target:
    """Sends one response to every request, or what a function makes of each; keeps all requests.

    Functions are called from several threads at once.
    """

    def __init__(self, respond: Response | bytes | Respond, tls: Certificates | None = None):
        self.respond = respond
        self.requests: list[Request] = []
        self.ended = threading.Event()
        self.context: ssl.SSLContext | None = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(tls.certificate, tls.key)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"target": self}))
        self.port = self._server.server_address[1]
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}/token"
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(POLL_SECONDS,), daemon=True).start()

    def receive(self, *received: Any) -> Response | bytes | None:
        """Keeps a request; its response."""
        with self._lock:
            request = Request(len(self.requests) + 1, *received)
            self.requests.append(request)
        return self.respond(request) if callable(self.respond) else self.respond

    def close(self) -> None:
        """Ends the server and the connections without a response."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
