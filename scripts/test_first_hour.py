#!/usr/bin/env python3
"""Uses the programs as somebody does who has just built them: inspects, mistypes, and tests a
target that does not respond as hoped.

usage: test_first_hour.py GRANTSPEC [GRANTSPEC-PROPERTIES]
"""
import collections
import contextlib
import functools
import json
import pathlib
import re
import socket
import unittest

from lib import reports
from lib.programs import GRANTSPEC, PROPERTIES
from lib.programs import run as run_clean
from lib.target import Response, Target, certificates, json_response
from lib.testing import ProgramTest, main

SECRET = "gX1fBat3bV-long-secret"
run = functools.partial(run_clean, env={"U": "client-1:" + SECRET})
INSPECTIONS = (
    ["--list"],
    ["--list=json"],
    ["--explain", "scope.unknown_only"],
    ["--list-switches"],
    ["--list-responses"],
)


@contextlib.contextmanager
def silent_target():
    """A URL, and a function that says whether anybody connected to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def connected():
            try:
                server.accept()[0].close()
                return True
            except BlockingIOError:
                return False

        yield f"http://127.0.0.1:{server.getsockname()[1]}/token", connected


class FirstHour(ProgramTest):
    def control(self, target, *options):
        """The one line of stderr for a control request that gets no token."""
        done = run(target.url, "--user-env", "U", *options)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertNotIn(SECRET, done.stdout + done.stderr)
        return done.stderr

    def test_the_option_table_is_printed_and_hidden(self):
        for program in filter(None, (GRANTSPEC, PROPERTIES)):
            done = run("--option-table", program=program)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            table = json.loads(done.stdout)
            self.assertEqual(table["program"], pathlib.Path(program).name)
            names = [name for option in table["options"] for name in option["names"]]
            self.assertEqual([n for n, k in collections.Counter(names).items() if k > 1], [])
            for name in ("--help", "--version", "--scope", "--report-json", "--cacert", "url"):
                self.assertIn(name, names)
            self.assertNotIn("--option-table", names)
            self.assertNotIn("--option-table", run("--help", program=program).stdout)
            by_name = {option["names"][-1]: option for option in table["options"]}
            self.assertEqual(by_name["--max-time"]["variable"], "GRANTSPEC_MAX_TIME")
            self.assertEqual(by_name["--tls-max"]["choices"], ["1.0", "1.1", "1.2", "1.3"])

    def test_inspecting_works_for_any_target_and_sends_nothing(self):
        own = {"id": "x", "title": "A case", "clauses": ["RFC6749-5.2-12"], "response": "token"}
        file = self.write("own.json", {"cases": [own]})
        more = [["--plan"], ["--list-answers"], ["--check-cases", file]]
        for arguments in (*INSPECTIONS, *more):
            self.sends_nothing(*arguments)

    def sends_nothing(self, *arguments, program=GRANTSPEC):
        for verbose in ([], ["-v"]):
            with silent_target() as (url, connected):
                for target in ([], [url, "--user-env", "U", "--scope", "a b"]):
                    command = [*target, *arguments, *verbose]
                    done = run(*command, program=program)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), command)
                    self.assertTrue(done.stdout, command)
                    self.assertNotIn(SECRET, done.stdout, command)
                self.assertFalse(connected(), arguments)

    def test_only_the_plan_needs_a_client(self):
        for arguments in INSPECTIONS:
            done = run("http://127.0.0.1:1/token", *arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        self.assertEqual(run("http://127.0.0.1:1/token", "--plan").returncode, 2)

    @unittest.skipUnless(PROPERTIES, "no grantspec-properties")
    def test_inspecting_laws_sends_nothing(self):
        for arguments in (["--list"], ["--plan"], ["--explain", "scope.order"]):
            self.sends_nothing(*arguments, program=PROPERTIES)

    def test_a_case_whose_text_cannot_be_masked_is_in_the_plan(self):
        plan = run("--plan").stdout
        self.assertRegex(
            plan,
            r"client_auth_basic\.standard_plus_slash  "
            r"\(the request cannot be shown: the base64 [^)]+\)",
        )
        explained = json.loads(run("--list=json").stdout)
        self.assertIn("client_auth_basic.standard_plus_slash", [case["id"] for case in explained])

    def test_the_plan_counts_what_is_sent(self):
        for selection in (
            [],
            ["--category", "scope"],
            ["--category", "client_auth_basic"],
            ["--gtest_filter=scope.value.*:scope.order"],
            ["--tier", "safe"],
        ):
            plan = run("--plan", *selection).stdout
            path = self.path / "report.json"
            run("--report-json", path, *selection)
            summary = self.read(path)["summary"]
            planned = int(re.search(r"^(\d+) requests in", plan, re.MULTILINE).group(1))
            tokens = int(re.search(r"up to (\d+) tokens? issued", plan).group(1))
            self.assertLessEqual(summary["requests"], planned + 3 + planned // 100, selection)
            # What depends on a response is planned and may not be sent.
            self.assertGreaterEqual(summary["requests"], planned - 3 - planned // 20, selection)
            self.assertGreaterEqual(tokens, summary["tokens_issued"], selection)
            self.assertRegex(plan, r"failed logins by role, at most: \w+( \d+)?")

    def test_an_unsuitable_response_to_the_control_request_is_explained(self):
        def refusal(status, error, description=""):
            return json_response({"error": error, "error_description": description}, status)

        login = f"https://login.test/x?id={SECRET}#access_token=abcdefgh12345678"
        media_type = "rejects the media type application/x-www-form-urlencoded"
        missing = "missing required parameter: audience"
        rows = [
            (
                Response(302, headers=[("Location", login)]),
                "no token: 302 redirect to https://login.test/x?id=[secret]#access_token=[token]."
                " Is this the token endpoint?",
            ),
            (Response(404), "no token: 404 Not Found. Is this the token endpoint?"),
            (Response(405), "no token: 405 Method Not Allowed. Is this the token endpoint?"),
            (
                Response(200, b"<html>", [("Content-Type", "text/html")]),
                "an HTML page (200). Is this the token endpoint?",
            ),
            (Response(415), media_type),
            (Response(400, b"bad content-type"), media_type),
            (
                refusal(400, "invalid_request", missing),
                'the target wants the parameter "audience"',
            ),
            (refusal(400, "invalid_scope"), "--scope"),
            (
                refusal(401, "invalid_client", SECRET),
                'rejected the client "client-1". Check its id and secret, which were read from'
                " the environment variable U",
            ),
        ]
        for response, message in rows:
            with Target(response) as target:
                self.assertIn(message, self.control(target))
                self.assertEqual(len(target.requests), 1)

    def test_an_unreachable_target_is_explained(self):
        done = run("http://127.0.0.1:1/token", "--user-env", "U")
        self.assertEqual(done.returncode, 3)
        self.assertIn("connection refused", done.stderr)
        self.assertIn("--wait-for", done.stderr)

    def test_an_unknown_certificate_is_explained(self):
        made = certificates(self.path)
        target = self.kept(Target(Response(404), tls=made))
        self.assertIn("--cacert FILE", self.control(target))
        self.assertIn("404", self.control(target, "--cacert", made.authority))

    def test_the_control_exchange_is_shown(self):
        refusal = {"error": "invalid_client", "error_description": SECRET}
        target = self.kept(Target(json_response(refusal, 401)))
        path = self.path / "report.json"
        for arguments, code in (
            ([target.url, "--user-env", "U"], 3),
            (["--gtest_filter=scope.order_ab"], 0),
        ):
            quiet = run(*arguments, "--report-json", path)
            self.assertEqual(quiet.returncode, code, quiet.stdout)
            self.assertNotIn("> POST ", quiet.stdout)
            report = self.read(path)
            reports.validate(report)
            control = report["control"]
            self.assertEqual(control["request"]["step"], "control")
            self.assertIn("grant_type=client_credentials", control["request"]["octets"])
            self.assertIn("HTTP/1.1 ", control["response"]["status_line"])
            shown = run(*arguments, "-v")
            self.assertIn("> POST ", shown.stdout)
            self.assertIn("< HTTP/1.1 " + ("401" if code else "200"), shown.stdout)
            for text in (path.read_text(), shown.stdout, shown.stderr):
                self.assertNotIn(SECRET, text)
                self.assertIsNone(re.search(r'access_token\\?":\s*\\?"(?!\[token\])', text))
            self.assertEqual(run("--compare", path, path).returncode, 1 if code else 0)

    def test_mistyped_names_suggest_the_closest(self):
        for arguments, message in (
            (["--max-tmie", "3"], "did you mean --max-time?"),
            (["--gtest_fliter=x"], "did you mean --gtest_filter?"),
            (["-gtest_fliter=x"], "did you mean --gtest_filter?"),
            (["--category", "scop"], "did you mean scope?"),
            (["--category", "nope"], "The categories are: abuse_limits, "),
            (["--explain", "scope.unknwon_only"], "did you mean scope.unknown_only?"),
            (["--explain", "nope"], "--list shows the names"),
        ):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, (arguments, done.stdout))
            self.assertIn(message, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        done = run("--requirement", "RFC6749-5.2-21x")
        self.assertEqual(done.returncode, 5)
        self.assertRegex(
            done.stdout,
            r"no case has the requirement RFC6749-5\.2-21x; did you mean "
            r"RFC6749-5\.2-\d\d\?.* \(exit code 5\)",
        )
        self.assertIn("no case has the requirement NOPE", run("--requirement", "NOPE").stdout)

    @unittest.skipUnless(PROPERTIES, "no grantspec-properties")
    def test_mistyped_names_of_laws_suggest_the_closest(self):
        for arguments, message in (
            (["--exmaples", "3"], "did you mean --examples?"),
            (["--category", "scop"], "did you mean scope?"),
            (["--explain", "scope.oder"], "did you mean scope.order?"),
        ):
            done = run(*arguments, program=PROPERTIES)
            self.assertEqual(done.returncode, 2, (arguments, done.stdout))
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    main("grantspec")
