#!/usr/bin/env python3
"""Runs the suite on conformant servers that have few workers, limit requests, lock out addresses
or fail now and then, and finds false failures, lockouts, and requests that nobody wants.

usage: test_schedule.py GRANTSPEC GRANTSPEC-ENDPOINT [--whole] [unittest's options]

Servers that limit get a part of the cases, another one in turn. --whole: they get all of them.
"""
import collections
import email.utils
import itertools
import threading
import time

from lib.clients import SCOPES, USER
from lib.programs import ARGUMENTS, interrupted, run
from lib.relay import Relay
from lib.reports import verdicts
from lib.server import Endpoint
from lib.testing import ProgramTest, main

TARGET = ("--user-env", "U", "--scope", SCOPES, "--report-json")
WHOLE = "--whole" in ARGUMENTS
RUN_SECONDS_MAX = 300
PARTS = 4
DATE = b"Date: " + email.utils.formatdate(usegmt=True).encode() + b"\r\n"
THROTTLED = b"HTTP/1.1 429 Too Many Requests\r\n" + DATE + b"%sContent-Length: 0\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\n" + DATE + b"Content-Length: 7\r\n\r\nblocked"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\n" + DATE + b"Content-Length: 0\r\n\r\n"
CLOSE = b""
LIMITS = {
    "429, Retry-After": THROTTLED % b"Retry-After: 1\r\n",
    "429": THROTTLED % b"",
    "403": FORBIDDEN,
    "closed": CLOSE,
}


class Front(Relay):
    """A relay in front of the endpoint with so many workers: each serves one connection until it
    is closed, or idle for too long. `policy(front)` says what a request gets instead of the
    endpoint's response: bytes, CLOSE, or None."""

    def __init__(self, upstream_port, workers=64, idle_s=2.0, policy=None, delay_s=0.0):
        self.policy, self.delay_s = policy, delay_s
        self.lock = threading.Lock()
        self.times = collections.deque()
        self.requests = self.in_flight = self.refused_in_a_row = self.most_refused = 0
        self.connections = 0
        self.failed_at = []  # when logins failed
        super().__init__(upstream_port, workers, idle_s)
        self.url = f"http://127.0.0.1:{self.port}/billing/oauth2/token"

    def relay(self, client):
        with self.lock:
            self.connections += 1
        try:
            super().relay(client)
        finally:
            with self.lock:
                self.connections -= 1

    def begin(self):
        with self.lock:
            now = time.monotonic()
            self.requests += 1
            self.in_flight += 1
            self.times.append(now)
            while now - self.times[0] > 1:
                self.times.popleft()
            instead = self.policy(self) if self.policy else None
        if self.delay_s:
            time.sleep(self.delay_s)
        return instead

    def end(self, request, response):
        with self.lock:
            self.in_flight -= 1
            if b" 200 " in response[:16]:
                self.refused_in_a_row = 0
            elif b" 401 " in response[:16]:
                self.failed_at.append(time.monotonic())
                self.refused_in_a_row += 1
                self.most_refused = max(self.most_refused, self.refused_in_a_row)


class Schedule(ProgramTest):
    @classmethod
    def setUpClass(cls):
        endpoint = Endpoint()
        cls.addClassCleanup(endpoint.close)
        cls.port = endpoint.port

    parts = itertools.count()

    def part(self):
        """What selects the cases of the next run."""
        if WHOLE:
            return {}
        number = next(self.parts) % PARTS
        return {"GTEST_TOTAL_SHARDS": str(PARTS), "GTEST_SHARD_INDEX": str(number)}

    def run_on(self, front, *options, code=0, part=None):
        self.kept(front)
        report = self.path / "report.json"
        command = (front.url, *TARGET, report, *options)
        done = run(*command, env={**USER, **(part or {})}, seconds_max=RUN_SECONDS_MAX)
        front.close()
        self.assertEqual(done.returncode, code, done.stdout[-3000:] + done.stderr)
        return done, verdicts(self.read(report))

    def assert_same(self, first, second):
        both = {k: (first.get(k), second.get(k)) for k in first.keys() | second.keys()}
        self.assertEqual({k: pair for k, pair in both.items() if pair[0] != pair[1]}, {})

    def assert_all_judged(self, result):
        bad = {k: v for k, v in result.items() if v in ("fail", "inconclusive", "warn")}
        self.assertEqual(bad, {})

    def test_servers_with_few_workers(self):
        for workers in (1, 2, 3):
            with self.subTest(workers=workers):
                part = self.part()
                _, first = self.run_on(Front(self.port, workers), part=part)
                self.assert_all_judged(first)
                _, second = self.run_on(Front(self.port, workers), part=part)
                self.assert_same(first, second)

    def limited(self, over, ways=tuple(LIMITS)):
        """For each way to limit requests: a policy that does so while `over(front)` holds."""
        for name in ways:
            yield name, lambda front, name=name: LIMITS[name] if over(front) else None

    def test_a_limit_of_requests_per_second(self):
        for name, policy in self.limited(lambda front: len(front.times) > 100):
            with self.subTest(name):
                _, result = self.run_on(Front(self.port, policy=policy), part=self.part())
                self.assert_all_judged(result)

    def test_a_limit_of_requests_at_once(self):
        ways = ("429, Retry-After", "403", "closed")
        for name, policy in self.limited(lambda front: front.in_flight > 4, ways):
            with self.subTest(name):
                front = Front(self.port, policy=policy, delay_s=0.005)
                _, result = self.run_on(front, part=self.part())
                self.assert_all_judged(result)

    def test_a_limit_of_connections(self):
        for name, policy in self.limited(lambda front: front.connections > 4):
            with self.subTest(name):
                part = self.part()
                _, first = self.run_on(Front(self.port, policy=policy), part=part)
                self.assert_all_judged(first)
                _, second = self.run_on(Front(self.port, policy=policy), part=part)
                self.assert_same(first, second)

    def test_cases_without_failed_logins_come_before_a_limit_of_failed_logins(self):
        throttled_at = []

        def policy(front):
            recent = [at for at in front.failed_at[-5:] if time.monotonic() - at < 0.4]
            if len(recent) < 5:
                return None
            throttled_at.append(front.requests)
            return LIMITS["429, Retry-After"]

        _, result = self.run_on(Front(self.port, policy=policy), part=self.part())
        self.assert_all_judged(result)
        gaps = [after - before for before, after in itertools.pairwise(throttled_at)]
        self.assertGreater(max(gaps), 100, "requests between two that were throttled")

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
        self.assertLess(front.requests, 160, "the batch under way, and nothing more")

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
        front = self.kept(Front(self.port, delay_s=0.02))
        report = self.path / "interrupted.json"
        code = interrupted(front.url, *TARGET, report, after_seconds=0.7, env=USER)
        self.assertEqual(code, 130)
        self.assertNotIn("fail", verdicts(self.read(report)).values())


if __name__ == "__main__":
    main(
        "grantspec", "grantspec-endpoint", arguments=[one for one in ARGUMENTS if one != "--whole"]
    )
