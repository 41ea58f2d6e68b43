#!/usr/bin/env python3
"""Sends every seed and past finding of the fuzz harnesses to the reference endpoint, over the wire.

usage: test_wire_corpus.py GRANTSPEC-ENDPOINT FOLDER... [--sanitized]

Each file goes as it is: first with the sender's side closed behind it, then left open for a moment.
In between and in the end the endpoint has to grant a token to a good request, stay small, and end
when it receives SIGTERM.
"""
import concurrent.futures
import pathlib
import socket

from lib.clients import MAIN, READ
from lib.programs import ARGUMENTS
from lib.testing import ProgramTest, main

SANITIZED = "--sanitized" in ARGUMENTS
FOLDERS = [pathlib.Path(a) for a in ARGUMENTS if not a.startswith("--")]
BODY = f"grant_type=client_credentials&scope={READ.replace(':', '%3A')}"
GOOD = (
    "POST /billing/oauth2/token HTTP/1.1\r\nHost: a\r\n"
    f"Authorization: {MAIN.basic}\r\n"
    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(BODY)}\r\n"
    f"Connection: close\r\n\r\n{BODY}"
).encode()
MEMORY_KIB_MAX = 64 * 1024


class WireCorpus(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = self.endpoint()

    def send(self, data, close):
        """What is received; an endpoint may respond, or end the connection at any time."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as connection:
            try:
                connection.sendall(data)
                if close:
                    connection.shutdown(socket.SHUT_WR)
                else:
                    connection.settimeout(0.05)
                while (part := connection.recv(65536)) and len(got) < 1 << 20:
                    got += part
            except (TimeoutError, ConnectionError, BrokenPipeError):
                pass
        return got

    def test_everything_that_was_fuzzed_with(self):
        files = sorted(f for folder in FOLDERS for f in folder.rglob("*") if f.is_file())
        self.assertGreater(len(files), 500)
        contents = [f.read_bytes() for f in files]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for close in (True, False):
                responses = list(pool.map(lambda data: self.send(data, close), contents))
                for file, response in zip(files, responses):
                    self.assertFalse(
                        response.startswith(b"HTTP/1.1 5")
                        and not response.startswith((b"HTTP/1.1 501", b"HTTP/1.1 505")),
                        (file, response[:200]),
                    )
                self.assertTrue(
                    self.send(GOOD, False).startswith(b"HTTP/1.1 200")
                    or self.send(GOOD, True).startswith(b"HTTP/1.1 200")
                )
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0])
        if not SANITIZED:  # a quarantine is no leak
            self.assertLess(peak, MEMORY_KIB_MAX)
        self.assertEqual(self.server.stop(), 0)
        print(f"{len(files)} files, twice; peak {peak // 1024} MiB")


if __name__ == "__main__":
    main("grantspec-endpoint", arguments=())
