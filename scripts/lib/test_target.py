"""Tests of target.py: what its servers send and keep, by a client of plain sockets."""
import http.client
import json
import pathlib
import socket
import ssl
import tempfile
import unittest

from lib.clients import MAIN
from lib.listener import read_all
from lib.target import (
    Request,
    Response,
    Target,
    certificates,
    is_control,
    json_response,
    token_response,
)

SECONDS_MAX = 20.0


def exchange(target: Target, sent: bytes) -> bytes:
    """Sends bytes, ends that side, and returns everything that is received."""
    with socket.create_connection(("127.0.0.1", target.port), SECONDS_MAX) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


class Responses(unittest.TestCase):
    def test_one_response_to_every_request_of_a_connection(self) -> None:
        with Target(Response(404, b"none", [("X-A", "b")])) as target:
            connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=SECONDS_MAX)
            for method in ("GET", "POST", "PROPFIND"):
                connection.request(method, "/a", body=b"c=d")
                response = connection.getresponse()
                self.assertEqual((response.status, response.reason), (404, "Not Found"))
                self.assertEqual((response.headers["X-A"], response.read()), ("b", b"none"))
                self.assertIsNotNone(response.headers["Date"])
            connection.close()
        self.assertEqual([one.method for one in target.requests], ["GET", "POST", "PROPFIND"])
        self.assertEqual([one.number for one in target.requests], [1, 2, 3])
        self.assertEqual({(one.path, one.body) for one in target.requests}, {("/a", b"c=d")})

    def test_a_function_sees_the_request(self) -> None:
        def respond(request: Request) -> Response:
            return json_response([request.line, request.headers["x-a"], request.version])

        with Target(respond) as target:
            received = exchange(target, b"GET /b HTTP/1.0\r\nX-A: c\r\n\r\n")
        body = json.loads(received.split(b"\r\n\r\n", 1)[1])
        self.assertEqual(body, ["GET /b HTTP/1.0", "c", "HTTP/1.0"])

    def test_bytes_are_sent_as_they_are(self) -> None:
        for raw in (b"", b"SSH-2.0-OpenSSH_9.2\r\n"):
            with Target(raw) as target:
                self.assertEqual(exchange(target, b"GET / HTTP/1.1\r\n\r\n"), raw)

    def test_a_malformed_request_gets_the_response_too(self) -> None:
        for sent in (b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01 a handshake"):
            with Target(Response(503, b"busy")) as target:
                self.assertTrue(exchange(target, sent).endswith(b"\r\n\r\nbusy"), sent)
                (request,) = target.requests
                self.assertEqual((request.method, request.body), ("", b""))

    def test_a_length_that_is_no_number_has_no_body(self) -> None:
        for length in (b"x", b"-1", b""):
            with Target(Response()) as target:
                exchange(target, b"POST / HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n")
                self.assertEqual(target.requests[0].body, b"")

    def test_no_response_until_the_target_is_closed(self) -> None:
        target = Target(lambda _: None)
        with socket.create_connection(("127.0.0.1", target.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            connection.settimeout(0.1)
            with self.assertRaises(TimeoutError):
                connection.recv(1)
            target.close()
            connection.settimeout(SECONDS_MAX)
            self.assertEqual(connection.recv(1), b"")

    def test_head_has_no_body_and_trailers_are_chunked(self) -> None:
        response = Response(200, b"abc", trailers=[("X-Late", "d")])
        head, _, body = response.encoded("POST").partition(b"\r\n\r\n")
        self.assertIn(b"\r\nTrailer: X-Late", head)
        self.assertEqual(body, b"3\r\nabc\r\n0\r\nX-Late: d\r\n\r\n")
        self.assertTrue(
            Response(body=b"abc").encoded("HEAD").endswith(b"Content-Length: 3\r\n\r\n")
        )

    def test_a_value_cannot_end_its_line(self) -> None:
        encoded = Response(200, headers=[("X-A", "b\r\nX-C: \udcff")], reason="d\ne").encoded("GET")
        self.assertTrue(encoded.startswith(b"HTTP/1.1 200 d e\r\n"))
        self.assertIn(b"\r\nX-A: b X-C: \xff\r\n", encoded)

    def test_the_control_request_is_known(self) -> None:
        def respond(request: Request) -> Response | bytes:
            return token_response() if is_control(request, MAIN) else b""

        body = b"grant_type=client_credentials&scope=read"
        head = f"POST / HTTP/1.0\r\nAuthorization: {MAIN.basic}\r\nContent-Length: {len(body)}"
        with Target(respond) as target:
            received = exchange(target, head.encode() + b"\r\n\r\n" + body)
            self.assertIn(b'"access_token": ', received)
            self.assertIn(b"\r\nCache-Control: no-store\r\n", received)
            self.assertEqual(exchange(target, b"POST / HTTP/1.0\r\n\r\n"), b"")


class Tls(unittest.TestCase):
    def test_a_certificate_of_the_authority(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            made = certificates(pathlib.Path(folder))
            trusted = ssl.create_default_context(cafile=str(made.authority))
            with Target(Response(204), tls=made) as target:
                self.assertTrue(target.url.startswith("https://127.0.0.1:"))
                connection = http.client.HTTPSConnection(
                    "127.0.0.1", target.port, timeout=SECONDS_MAX, context=trusted
                )
                connection.request("GET", "/")
                self.assertEqual(connection.getresponse().status, 204)
                connection.close()
                with self.assertRaises(ssl.SSLCertVerificationError):
                    with socket.create_connection(("127.0.0.1", target.port)) as plain:
                        context = ssl.create_default_context()
                        context.wrap_socket(plain, server_hostname="127.0.0.1")


if __name__ == "__main__":
    unittest.main()
