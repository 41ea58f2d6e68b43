#!/usr/bin/env python3
"""Uses the programs as somebody does who has just built them: inspects, mistypes, and tests a
target that does not answer as hoped.

usage: test_first_hour.py GRANTSPEC [GRANTSPEC-PROPERTIES]
"""
import collections
import contextlib
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

import jsonschema

GRANTSPEC = sys.argv[1]
PROPERTIES = sys.argv[2] if len(sys.argv) > 2 else None
ROOT = pathlib.Path(__file__).resolve().parent.parent
SECRET = "gX1fBat3bV-long-secret"
USER = {"U": "client-1:" + SECRET}


def run(*arguments, program=GRANTSPEC, env=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GRANTSPEC_")}
    return subprocess.run(
        [program, *arguments],
        env={**clean, **USER, **(env or {})},
        text=True,
        errors="replace",
        capture_output=True,
        timeout=120,
    )


class Target:
    """A server with one response for every request; it counts requests and failed logins."""

    def __init__(self, status, body=b"", headers=(), reason=None):
        outer = self
        self.requests = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests += 1
                self.send_response(status, reason)
                for name, value in [*headers, ("Content-Length", str(len(body)))]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


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


class FirstHour(unittest.TestCase):
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
        own = {
            "cases": [
                {"id": "x", "title": "A case", "clauses": ["RFC6749-5.2-12"], "answer": "token"}
            ]
        }
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(own, file)
            file.flush()
            inspections = [
                ["--list"],
                ["--list=json"],
                ["--plan"],
                ["--explain", "scope.unknown_only"],
                ["--list-switches"],
                ["--list-answers"],
                ["--list-responses"],
                ["--check-cases", file.name],
            ]
            for arguments in inspections:
                for verbose in ([], ["-v"]):
                    with silent_target() as (url, connected):
                        for target in ([], [url, "--user-env", "U", "--scope", "a b"]):
                            command = [*target, *arguments, *verbose]
                            done = run(*command)
                            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
                            self.assertTrue(done.stdout, command)
                            self.assertNotIn(SECRET, done.stdout, command)
                        self.assertFalse(connected(), arguments)

    def test_only_the_plan_needs_a_client(self):
        for arguments in (
            ["--list"],
            ["--list=json"],
            ["--explain", "scope.unknown_only"],
            ["--list-switches"],
            ["--list-answers"],
        ):
            done = run("http://127.0.0.1:1/token", *arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        self.assertEqual(run("http://127.0.0.1:1/token", "--plan").returncode, 2)

    @unittest.skipUnless(PROPERTIES, "no grantspec-properties")
    def test_inspecting_laws_sends_nothing(self):
        for arguments in (["--list"], ["--plan"], ["--explain", "scope.order"]):
            for verbose in ([], ["-v"]):
                with silent_target() as (url, connected):
                    for target in ([], [url, "--user-env", "U", "--scope", "a b"]):
                        done = run(*target, *arguments, *verbose, program=PROPERTIES)
                        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
                        self.assertTrue(done.stdout)
                    self.assertFalse(connected(), arguments)

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
            ["--tier", "safe"],
        ):
            plan = run("--plan", *selection).stdout
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "report.json"
                run("--report-json", str(path), *selection)
                summary = json.loads(path.read_text())["summary"]
            planned = int(re.search(r"^(\d+) requests in", plan, re.MULTILINE).group(1))
            tokens = int(re.search(r"up to (\d+) tokens? issued", plan).group(1))
            self.assertLessEqual(abs(planned - summary["requests"]), 3 + planned // 100, selection)
            self.assertGreaterEqual(tokens, summary["tokens_issued"], selection)
            self.assertRegex(plan, r"failed logins by role, at most: \w+( \d+)?")

    def test_an_unsuitable_response_to_the_control_request_is_explained(self):
        def oauth(error, description=""):
            return json.dumps({"error": error, "error_description": description}).encode()

        json_type = [("Content-Type", "application/json")]
        html = [("Content-Type", "text/html")]
        login = [("Location", f"https://login.test/x?id={SECRET}#access_token=abcdefgh12345678")]
        rows = [
            (
                (302, b"", login),
                (
                    "no token: 302 redirect to"
                    " https://login.test/x?id=[secret]#access_token=[token]. Is this the token"
                    " endpoint?"
                ),
            ),
            ((404,), "no token: 404 Not Found. Is this the token endpoint?"),
            ((405,), "no token: 405 Method Not Allowed. Is this the token endpoint?"),
            ((200, b"<html>", html), "an HTML page (200). Is this the token endpoint?"),
            ((415,), "rejects the media type application/x-www-form-urlencoded"),
            (
                (400, b"bad content-type"),
                "rejects the media type application/x-www-form-urlencoded",
            ),
            (
                (400, oauth("invalid_request", "missing required parameter: audience"), json_type),
                'the target wants the parameter "audience"',
            ),
            ((400, oauth("invalid_scope"), json_type), "--scope"),
            (
                (401, oauth("invalid_client", SECRET), json_type),
                (
                    'rejected the client "client-1". Check its id and secret, which were read from'
                    " the environment variable U"
                ),
            ),
        ]
        for response, message in rows:
            with Target(*response) as target:
                self.assertIn(message, self.control(target))
                self.assertEqual(target.requests, 1)

    def test_an_unreachable_target_is_explained(self):
        done = run("http://127.0.0.1:1/token", "--user-env", "U")
        self.assertEqual(done.returncode, 3)
        self.assertIn("connection refused", done.stderr)
        self.assertIn("--wait-for", done.stderr)

    def test_an_unknown_certificate_is_explained(self):
        with tempfile.TemporaryDirectory() as folder:
            key, certificate = folder + "/key.pem", folder + "/cert.pem"
            subprocess.run(
                [
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-keyout",
                    key,
                    "-out",
                    certificate,
                    "-subj",
                    "/CN=localhost",
                    "-addext",
                    "subjectAltName=IP:127.0.0.1",
                ],
                check=True,
                capture_output=True,
            )
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            with Target(404) as target:
                target.server.socket = context.wrap_socket(target.server.socket, server_side=True)
                target.url = target.url.replace("http:", "https:")
                self.assertIn("--cacert FILE", self.control(target))
                self.assertIn("404", self.control(target, "--cacert", certificate))

    def test_the_control_exchange_is_shown(self):
        schema = json.loads((ROOT / "conformance/report.schema.json").read_text())
        body = json.dumps({"error": "invalid_client", "error_description": SECRET}).encode()
        with Target(
            401, body, [("Content-Type", "application/json")]
        ) as target, tempfile.TemporaryDirectory() as folder:
            for arguments, code in (
                ([target.url, "--user-env", "U"], 3),
                (["--gtest_filter=scope.order_ab"], 0),
            ):
                path = pathlib.Path(folder) / "report.json"
                quiet = run(*arguments, "--report-json", str(path))
                self.assertEqual(quiet.returncode, code, quiet.stdout)
                self.assertNotIn("> POST ", quiet.stdout)
                report = json.loads(path.read_text())
                jsonschema.validate(report, schema)
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
                self.assertEqual(
                    run("--compare", str(path), str(path)).returncode, 1 if code else 0
                )

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
    unittest.main(argv=sys.argv[:1])
