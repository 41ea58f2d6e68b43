#!/usr/bin/env python3
"""The harness of a target behind a URL leaves it alone as soon as the target asks for that.

usage: test_fuzz_remote.py BUILD_DIRECTORY
"""
import pathlib

from lib import ROOT
from lib.programs import ARGUMENTS, run
from lib.target import Response, Target
from lib.testing import ProgramTest, main

BUILD = pathlib.Path(*ARGUMENTS[:1]).resolve()
HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Connection", "close"),
]
SECONDS_MAX = 60


def message(status, *headers, body='{"error":"invalid_request"}'):
    """A response that ends its connection."""
    return Response(status, body.encode(), [*HEADERS, *headers]).encoded("POST")


class Restraint(ProgramTest):
    def replay(self, respond, remote="standing"):
        """Replays the seeds on a target whose response depends on the number of the request."""
        target = self.kept(Target(lambda request: respond(request.number)))
        done = run(
            ROOT / "fuzz/seeds/request",
            program=BUILD / "remote_replay",
            env={"GRANTSPEC_TARGET_URL": target.url, "GRANTSPEC_REMOTE": remote},
            seconds_max=SECONDS_MAX,
        )
        return target.requests, done

    def assert_stopped(self, requests, done, count, text):
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("remote: "), done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(len(requests), count)

    def test_no_request_follows_a_refusal(self):
        for number, refusal, text in (
            (1, message(429), "throttles"),
            (5, message(429), "throttles"),
            (5, message(429, ("Retry-After", "31")), "asks to wait 31 s"),
            (5, message(503), "throttles"),
            (5, message(503, ("Retry-After", "never")), "throttles"),
            (5, message(403), "status 403"),
            (5, message(423), "status 423"),
            (5, message(400, body="Your account is locked."), "lockout"),
        ):
            with self.subTest(number=number, text=text):
                requests, done = self.replay(lambda n: refusal if n >= number else message(400))
                self.assert_stopped(requests, done, number, text)

    def test_a_short_wait_is_waited_for_and_the_request_repeated(self):
        requests, done = self.replay(
            lambda n: message(429, ("Retry-After", "1"))
            if n == 3
            else message(400 if n < 9 else 423)
        )
        self.assert_stopped(requests, done, 9, "status 423")
        repeated = [(one.line, one.headers.items(), one.body) for one in requests[2:4]]
        self.assertEqual(*repeated)

    def test_the_right_login_is_refused(self):
        refusal = message(
            401, ("WWW-Authenticate", 'Basic realm="a"'), body='{"error":"invalid_client"}'
        )
        requests, done = self.replay(lambda _: refusal, remote="")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("refuses the right login of ", done.stderr)
        self.assertEqual(requests[-1].line, "POST /token HTTP/1.1")
        self.assertTrue(requests[-1].headers["Authorization"].startswith("Basic "))


if __name__ == "__main__":
    main(arguments=ARGUMENTS[1:])
