#!/usr/bin/env python3
"""Runs the suite on conformant servers that have few workers, limit requests, lock out addresses
or fail now and then, and looks for false failures, lockouts, and requests that nobody wants.

usage: test_schedule.py GRANTSPEC GRANTSPEC-ENDPOINT [unittest's options]
"""
import collections
import email.utils
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

GRANTSPEC, ENDPOINT = sys.argv[1:3]
USER = "s6BhdRkqt3:gX1fBat3bV"
SCOPES = (
    "billing:batches:read billing:customers:read billing:batches:submit billing:customers:invite"
)
RUN_SECONDS_MAX = 60
DATE = b"Date: " + email.utils.formatdate(usegmt=True).encode() + b"\r\n"
THROTTLED = b"HTTP/1.1 429 Too Many Requests\r\n" + DATE + b"%sContent-Length: 0\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\n" + DATE + b"Content-Length: 7\r\n\r\nblocked"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\n" + DATE + b"Content-Length: 0\r\n\r\n"
CLOSE = b""


class Front:
    """A relay in front of the endpoint with so many workers: each serves one connection until it
    is closed, or idle for too long. `policy(front)` says what a request gets instead of the
    endpoint's response: bytes, CLOSE, or None."""

    def __init__(self, upstream_port, workers=64, idle_s=2.0, policy=None, delay_s=0.0):
        self.upstream_port, self.idle_s, self.policy = upstream_port, idle_s, policy
        self.delay_s = delay_s
        self.lock = threading.Lock()
        self.times = collections.deque()
        self.requests = self.in_flight = self.refused_in_a_row = self.most_refused = 0
        self.connections = 0
        self.last_instead = 0.0
        self.after_instead = 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/billing/oauth2/token"
        for _ in range(workers):
            threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
            try:
                upstream = socket.create_connection(("127.0.0.1", self.upstream_port))
                with client, upstream:
                    self.relay(client, upstream)
            except OSError:
                pass
            with self.lock:
                self.connections -= 1

    def relay(self, client, upstream):
        pending = False
        try:
            while True:
                wait = 30 if pending else self.idle_s
                ready, _, _ = select.select([client, upstream], [], [], wait)
                if not ready:
                    return
                if upstream in ready:
                    data = upstream.recv(65536)
                    if not data:
                        return
                    if pending and not data.startswith(b"HTTP/1.1 1"):
                        pending = False
                        self.end(data)
                    client.sendall(data)
                    continue
                data = client.recv(65536)
                if not data:
                    upstream.shutdown(socket.SHUT_WR)
                    if not pending:
                        return
                    client.sendall(upstream.recv(65536))
                    return
                if not pending:
                    pending = True
                    instead = self.begin()
                    if self.delay_s:
                        time.sleep(self.delay_s)
                    if instead is not None:
                        pending = False
                        self.end(instead)
                        client.sendall(instead)
                        return
                upstream.sendall(data)
        finally:
            if pending:
                self.end(b"")

    def begin(self):
        with self.lock:
            now = time.monotonic()
            self.requests += 1
            self.in_flight += 1
            self.times.append(now)
            while now - self.times[0] > 1:
                self.times.popleft()
            instead = self.policy(self) if self.policy else None
            if instead is not None:
                self.last_instead = now
                self.after_instead = 0
            else:
                self.after_instead += 1
            return instead

    def end(self, response):
        with self.lock:
            self.in_flight -= 1
            if b" 200 " in response[:16]:
                self.refused_in_a_row = 0
            elif b" 401 " in response[:16]:
                self.refused_in_a_row += 1
                self.most_refused = max(self.most_refused, self.refused_in_a_row)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the workers that wait for a connection
        except OSError:
            pass  # closed before
        self.socket.close()


def verdicts(path):
    report = json.loads(pathlib.Path(path).read_text())
    return {case["id"]: case["verdict"] for case in report["cases"]}


class Schedule(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = subprocess.Popen(
            [ENDPOINT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = cls.endpoint.stdout.readline()
        cls.port = int(line.split("127.0.0.1:")[1].split("/")[0])
        threading.Thread(target=cls.endpoint.stdout.read, daemon=True).start()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.endpoint.terminate()
        cls.endpoint.wait()
        cls.endpoint.stdout.close()
        cls.folder.cleanup()

    def run_on(self, front, *options, code=0):
        self.addCleanup(front.close)
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GRANTSPEC_", "GTEST_"))
        }
        report = os.path.join(self.folder.name, "report.json")
        done = subprocess.run(
            [GRANTSPEC, front.url, "-u", USER, "--scope", SCOPES, "--report-json", report]
            + list(options),
            env=clean,
            text=True,
            capture_output=True,
            timeout=RUN_SECONDS_MAX,
        )
        front.close()
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return done, verdicts(report)

    def assert_all_judged(self, result):
        bad = {k: v for k, v in result.items() if v in ("fail", "inconclusive", "warn")}
        self.assertEqual(bad, {})

    def test_servers_with_few_workers(self):
        for workers in (1, 2, 3):
            with self.subTest(workers=workers):
                _, first = self.run_on(Front(self.port, workers))
                self.assert_all_judged(first)
                _, second = self.run_on(Front(self.port, workers))
                self.assertEqual(first, second)

    def test_a_limit_of_requests_per_second(self):
        for name, response in {
            "429, Retry-After": THROTTLED % b"Retry-After: 1\r\n",
            "429": THROTTLED % b"",
            "403 of a firewall": FORBIDDEN,
            "closed": CLOSE,
        }.items():
            with self.subTest(name):
                policy = lambda front, r=response: r if len(front.times) > 100 else None
                _, result = self.run_on(Front(self.port, policy=policy))
                self.assert_all_judged(result)

    def test_a_limit_of_requests_at_once(self):
        for name, response in {
            "429": THROTTLED % b"Retry-After: 1\r\n",
            "403": FORBIDDEN,
            "closed": CLOSE,
        }.items():
            with self.subTest(name):
                policy = lambda front, r=response: r if front.in_flight > 4 else None
                _, result = self.run_on(Front(self.port, policy=policy, delay_s=0.005))
                self.assert_all_judged(result)

    def test_a_limit_of_connections(self):
        for name, response in {
            "429": THROTTLED % b"",
            "429, Retry-After": THROTTLED % b"Retry-After: 1\r\n",
            "403": FORBIDDEN,
            "closed": CLOSE,
        }.items():
            with self.subTest(name):
                policy = lambda front, r=response: r if front.connections > 4 else None
                _, first = self.run_on(Front(self.port, policy=policy))
                self.assert_all_judged(first)
                _, second = self.run_on(Front(self.port, policy=policy))
                self.assertEqual(first, second)

    def test_a_long_wait_stops_the_run(self):
        policy = lambda front: (
            THROTTLED % b"Retry-After: 3600\r\n" if front.requests > 100 else None
        )
        front = Front(self.port, policy=policy)
        done, result = self.run_on(front, code=3)
        self.assertIn("asks to wait 3600 s", done.stdout + done.stderr)
        self.assertNotIn("fail", result.values())
        self.assertLess(front.requests, 135, "what was in flight, and nothing more")

    def test_an_address_is_not_locked_out(self):
        front = Front(self.port)
        _, result = self.run_on(front, "--tier", "all")
        self.assertLess(front.most_refused, 10)
        self.assertNotIn("fail", result.values())

    def test_server_errors_for_good_stop_the_run(self):
        policy = lambda front: BROKEN if front.requests > 100 else None
        front = Front(self.port, policy=policy)
        done, _ = self.run_on(front, code=3)
        self.assertIn("stopped early", done.stdout + done.stderr)
        self.assertLess(front.requests, 130)

    def test_one_server_error_in_a_hundred_is_a_finding(self):
        policy = lambda front: BROKEN if front.requests % 97 == 50 else None
        done, result = self.run_on(Front(self.port, policy=policy), code=1)
        self.assertEqual(
            [name for name, verdict in result.items() if verdict == "fail"],
            ["error_response.no_5xx"],
            done.stdout[-3000:],
        )

    def test_server_errors_to_requests_side_by_side_are_one_finding(self):
        policy = lambda front: BROKEN if front.in_flight > 1 else None
        _, result = self.run_on(Front(self.port, policy=policy, delay_s=0.002), code=1)
        self.assertEqual(
            [name for name, verdict in result.items() if verdict == "fail"],
            ["error_response.no_5xx"],
        )

    def test_limits_of_the_run_fail_nothing(self):
        for options in (["--max-requests", "300"], ["--max-total", "1"]):
            with self.subTest(options=options):
                front = Front(self.port, delay_s=0.02)
                done, result = self.run_on(front, *options, code=5 if "300" in options else 3)
                self.assertNotIn("fail", result.values(), done.stdout[-2000:])
                self.assertIn("inconclusive", result.values())

    def test_failed_logins_of_the_run_are_limited(self):
        front = Front(self.port)
        _, result = self.run_on(front, "--max-failed-total", "20", code=5)
        self.assertNotIn("fail", result.values())
        self.assertGreater(list(result.values()).count("pass"), 200)

    def test_an_interrupted_run_fails_nothing(self):
        front = Front(self.port, delay_s=0.02)
        self.addCleanup(front.close)
        report = os.path.join(self.folder.name, "interrupted.json")
        run = subprocess.Popen(
            [GRANTSPEC, front.url, "-u", USER, "--scope", SCOPES, "--report-json", report],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.7)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(RUN_SECONDS_MAX), 130)
        self.assertNotIn("fail", verdicts(report).values())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
