#!/usr/bin/env python3
"""Runs the suite on targets that break or end, and checks what is reported: the target's defect
is a finding, nothing else is, and exit code, console and reports agree.

usage: test_verdicts.py GRANTSPEC GRANTSPEC-ENDPOINT [unittest's options]
"""
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree

from lib.clients import SCOPES, USER
from lib.listener import free_port
from lib.programs import interrupted, run
from lib.reports import named, report_options
from lib.target import Response, Target, json_response, token_response
from lib.testing import ProgramTest, main

RUN_SECONDS_MAX = 120
TOKEN = "dG9rZW4taW4tYS1mb3Jt"

# A relay that ends its process at a request with these bytes, before or after the response, or that
# sends no response from then on.
MORTAL = r"""
import os, socket, sys, threading, time
port, upstream = int(sys.argv[1]), int(sys.argv[2])
deadly, reply = sys.argv[3].encode(), sys.argv[4]
silent = []
def serve(client):
    server = socket.create_connection(("127.0.0.1", upstream))
    def back():
        try:
            while data := server.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    threading.Thread(target=back, daemon=True).start()
    try:
        while data := client.recv(65536):
            if silent:
                continue
            if deadly in data:
                if reply == "hangs":
                    silent.append(True)
                    continue
                if reply == "replies":
                    server.sendall(data)
                    time.sleep(0.02)
                os._exit(1)
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)
    except OSError:
        pass
listener = socket.create_server(("127.0.0.1", port), backlog=128)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


class Mortal:
    """The relay, and somebody who starts it again after `restart_s` seconds; None: nobody does."""

    def __init__(self, upstream_port, deadly, reply="", restart_s=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/billing/oauth2/token"
        self.command = [sys.executable, "-c", MORTAL, str(self.port), str(upstream_port)]
        self.command += [deadly, reply]
        self.restart_s, self.deaths, self.ending = restart_s, 0, False
        self.start()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def start(self):
        self.process = subprocess.Popen(self.command)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.02)

    def watch(self):
        while not self.ending:
            self.process.wait()
            if self.ending or self.restart_s is None:
                return
            self.deaths += 1
            time.sleep(self.restart_s)
            self.start()

    def close(self):
        self.ending = True
        self.process.kill()
        self.process.wait()
        self.watcher.join()


class Verdicts(ProgramTest):
    def command(self, url, *options):
        reports, self.reports = report_options(self.path, ("json", "junit"))
        return [url, "--user-env", "U", "--scope", SCOPES, *reports, *options]

    def run_on(self, url, *options, code=1):
        done = run(*self.command(url, *options), env=USER, seconds_max=RUN_SECONDS_MAX)
        self.output = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, self.output[-2000:])
        self.check_reports(code)

    def check_reports(self, code):
        """Reads the reports of the run: exit code, console and reports agree."""
        self.report = report = self.read(self.reports["json"])
        self.assertEqual(report["exit_code"], code)
        suites = xml.etree.ElementTree.parse(self.reports["junit"]).getroot()
        failed = self.named("fail")
        self.assertEqual(int(suites.get("failures")), len(failed))
        stopped = report["run"].get("stopped", "")
        if stopped:
            self.assertIn(stopped, suites.find(".//error").get("message"))
        if failed or self.named("pass"):
            self.assertNotIn("nothing was judged", getattr(self, "output", ""))

    def named(self, verdict):
        return named(self.report, verdict)

    def on_deviation(self, name, *options, code=1):
        self.run_on(self.endpoint("--deviate", name).url, *options, code=code)

    # ---- the preflight judges ------------------------------------------------------------------

    def test_the_control_response_is_judged(self):
        for name, failures in {
            "success_is_201": ["success_response.status_200"],
            "json_trailing_comma": ["json.strict_parse_200", "json.strict_parse_errors"],
            "access_token_missing": ["success_response.access_token_present"],
            "access_token_number": [
                "json.strings_are_strings",
                "success_response.access_token_present",
            ],
            "error_with_status_200": ["success_response.access_token_present"],
            "json_bom": ["json.no_bom"],
            "first_request_fails": ["error_response.no_5xx"],
            "every_request_fails": ["error_response.no_5xx"],
        }.items():
            with self.subTest(name):
                self.on_deviation(name)
                self.assertEqual(self.named("fail"), failures)
                self.assertGreater(len(self.named("pass")), 10)
                self.assertNotIn("stopped", self.report["run"])

    def test_a_content_coding_that_nobody_asked_for_is_judged(self):
        self.on_deviation("token_response_in_gzip")
        self.assertTrue(set(self.named("fail")) <= {"json.utf8", "json.strict_parse_200"})
        self.assertIn("content coding that was not asked for", self.output)

    def test_a_token_in_a_form_is_judged(self):
        text = urllib.parse.urlencode({"access_token": TOKEN, "token_type": "bearer"})
        form = Response(200, text.encode(), [("Content-Type", "application/x-www-form-urlencoded")])
        with Target(lambda _: form) as target:
            self.run_on(target.url, "--gtest_filter=success_response.access_token_present")
        self.assertEqual(self.named("fail"), ["success_response.access_token_present"])
        reports = self.reports["json"].read_text() + self.reports["junit"].read_text()
        self.assertNotIn(TOKEN, self.output + reports)

    def test_a_malformed_trailer_breaks_the_response(self):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
        head += b"Content-Type: application/json\r\n\r\n"
        broken = head + b"2\r\n{}\r\n0\r\nno name: a\r\n\r\n"
        with Target(lambda _: broken) as target:
            self.run_on(target.url, code=3)
        self.assertIn("not an HTTP response", self.output)

    def test_a_head_that_libcurl_gives_up_is_judged(self):
        content = token_response(scope=SCOPES).encoded("POST")
        for line, finding in ((b"no colon", "field_lines"), (b"X-A: a\0b", "controls")):
            with self.subTest(finding):
                broken = content.replace(b"\r\n", b"\r\n" + line + b"\r\n", 1)
                with Target(lambda _, broken=broken: broken) as target:
                    self.run_on(target.url, "--gtest_filter=grant_type.baseline:http_framing.re*")
                self.assertIn("grant_type.baseline", self.named("pass"))
                self.assertIn(f"http_framing.response_{finding}", self.named("fail"))
                self.assertIn("libcurl does not read", self.output)

    def test_one_response_judges_the_cases_that_send_one_request(self):
        respond = lambda _: token_response(scope=SCOPES, token_type=None)
        names = ["success_response.status_200", "success_response.token_type_present"]
        with Target(respond) as target:
            self.run_on(target.url, "--no-shrink", "--gtest_filter=" + ":".join(names))
            number = len(target.requests)
        self.assertEqual(self.named("pass"), names[:1])
        self.assertEqual(self.named("fail"), names[1:])
        self.assertEqual(number, 3, "a control request, one request, and its repetition")

    def test_a_first_response_that_starts_the_target_is_not_its_latency(self):
        def respond(request):
            if request.number == 1:
                time.sleep(1.2)
            return token_response(scope=SCOPES)

        with Target(respond) as target:
            self.run_on(target.url, "--gtest_filter=grant_type.missing")
            bodies = [request.body for request in target.requests]
        self.assertIn(b"grant_type=", bodies[0])
        self.assertEqual(bodies[1], bodies[0], "the control request once more, then the case")

    def test_what_needs_a_token_is_inconclusive_and_says_why(self):
        self.on_deviation("error_with_status_200")
        reasons = {
            case["why"] for case in self.report["cases"] if case["id"] == "grant_type.baseline"
        }
        self.assertEqual(reasons, {"the control request got no valid token response: 200"})
        self.assertNotIn(
            "inconclusive", [c["verdict"] for c in self.report["cases"] if c["why"] == ""]
        )

    def test_server_errors_now_and_then_are_one_finding(self):
        self.on_deviation("each_seventh_request_fails")
        self.assertEqual(self.named("fail"), ["error_response.no_5xx"])
        finding = next(
            case for case in self.report["cases"] if case["id"] == "error_response.no_5xx"
        )
        self.assertRegex(finding["why"], r"^intermittent, \d+ of \d+ control requests; ")

    def test_a_gateway_is_not_judged(self):
        for status in (502, 503, 504):
            with self.subTest(status):
                refusal = json_response({"message": "no healthy upstream"}, status)
                self.run_on(self.kept(Target(refusal)).url, code=3)
                self.assertEqual(self.report["cases"], [])
                self.assertIn("the gateway in front of the target responded", self.output)

    def test_an_application_with_the_status_of_a_gateway_is_judged(self):
        for status in (502, 503, 504):
            with self.subTest(status):
                url = self.kept(Target(json_response({"error": "server_error"}, status))).url
                self.run_on(url, "--gtest_filter=error_response.*:grant_type.*")
                self.assertIn("error_response.no_5xx", self.named("fail"))
                self.assertIn("an error of the application, not of a gateway", self.output)

    # ---- a target that ends --------------------------------------------------------------------

    def mortal(self, *arguments, **options):
        return self.kept(Mortal(self.endpoint().port, *arguments, **options))

    def test_a_target_that_ends_for_good(self):
        self.run_on(self.mortal("OPTIONS * ").url)
        (failed,) = self.named("fail")
        self.assertRegex(
            self.output,
            rf"the target stopped serving after ({failed}|one of \d+ cases) and did not",
        )
        self.assertIn("http_method.options_star", self.output)  # alone, or among those named
        self.assertRegex(self.output, r"; \d+ of \d+ cases were judged \(exit code 1\)")
        self.assertIn("inconclusive", [case["verdict"] for case in self.report["cases"]])

    def test_a_target_that_hangs_for_good(self):
        self.run_on(self.mortal("OPTIONS * ", "hangs").url, "--max-time", "2")
        self.assertEqual(len(self.named("fail")), 1)
        self.assertRegex(self.output, "the target stopped serving after .* and did not come back")
        self.assertIn("http_method.options_star", self.output)

    def test_a_target_that_is_started_again(self):
        for reply in ("", "replies"):
            with self.subTest(reply):
                self.run_on(self.mortal("OPTIONS * ", reply, restart_s=1.5).url)
                self.assertEqual(self.named("fail"), ["http_method.options_star"])
                self.assertEqual(self.named("inconclusive"), [])

    # ---- a run that ends early -----------------------------------------------------------------

    def test_limits_are_reported_everywhere(self):
        url = self.endpoint().url
        self.run_on(url, "--max-requests", "200", code=5)
        self.assertEqual(self.named("fail"), [])
        self.assertIn("--max-requests", self.output.splitlines()[-1])

    def test_an_interrupt_is_reported_everywhere(self):
        command = self.command(self.endpoint().url, "--rate", "100")
        self.assertEqual(interrupted(*command, after_seconds=1, env=USER), 130)
        self.check_reports(130)
        self.assertEqual(self.named("fail"), [])
        self.assertTrue(self.report["run"]["interrupted"])


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
