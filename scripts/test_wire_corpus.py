#!/usr/bin/env python3
"""Sends every seed and past finding of the fuzz harnesses to the reference endpoint, over the wire.

usage: test_wire_corpus.py GRANTSPEC-ENDPOINT FOLDER... [--sanitized]

Each file goes as it is: first with the sender's side closed behind it, then left open for a moment.
In between and in the end the endpoint has to grant a token to a good request, stay small, and end
when it is told to.
"""
import concurrent.futures
import pathlib
import socket
import subprocess
import sys
import unittest

SANITIZED = "--sanitized" in sys.argv
ENDPOINT, *FOLDERS = [pathlib.Path(a) for a in sys.argv[1:] if not a.startswith("--")]
GOOD = (
    b"POST /billing/oauth2/token HTTP/1.1\r\nHost: a\r\n"
    b"Authorization: Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 58\r\n"
    b"Connection: close\r\n\r\n"
    b"grant_type=client_credentials&scope=billing%3Abatches%3Aread"
)
GOOD = GOOD.replace(b"58", str(len(GOOD.split(b"\r\n\r\n")[1])).encode())
MEMORY_KIB_MAX = 64 * 1024


class WireCorpus(unittest.TestCase):
    def setUp(self):
        self.process = subprocess.Popen([ENDPOINT], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])

    def tearDown(self):
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()

    def send(self, octets, close):
        """What comes back; an endpoint may answer, or end the connection at any time."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            try:
                connection.sendall(octets)
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
                answers = list(pool.map(lambda octets: self.send(octets, close), contents))
                for file, answer in zip(files, answers):
                    self.assertFalse(
                        answer.startswith(b"HTTP/1.1 5")
                        and not answer.startswith((b"HTTP/1.1 501", b"HTTP/1.1 505")),
                        (file, answer[:200]),
                    )
                self.assertTrue(
                    self.send(GOOD, False).startswith(b"HTTP/1.1 200")
                    or self.send(GOOD, True).startswith(b"HTTP/1.1 200")
                )
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0])
        if not SANITIZED:  # a quarantine is no leak
            self.assertLess(peak, MEMORY_KIB_MAX)
        self.process.terminate()
        self.assertEqual(self.process.wait(10), 0)
        print(f"{len(files)} files, twice; peak {peak // 1024} MiB")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
