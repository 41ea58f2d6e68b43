#!/usr/bin/env python3
"""Runs the suite on targets that break or end, and looks at what is reported: the target's defect
is a finding, nothing else is, and exit code, console and reports agree.

usage: test_verdicts.py GRANTSPEC GRANTSPEC-ENDPOINT [unittest's options]
"""
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree

GRANTSPEC, ENDPOINT = sys.argv[1:3]
USER = "s6BhdRkqt3:gX1fBat3bV"
SCOPES = (
    "billing:batches:read billing:customers:read billing:batches:submit billing:customers:invite"
)
RUN_SECONDS_MAX = 60

# A relay that ends its process at a request with these bytes, before or after the response, or that
# answers nothing from then on.
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
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
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


class Verdicts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.json = os.path.join(folder.name, "report.json")
        self.junit = os.path.join(folder.name, "report.xml")

    def endpoint(self, *options):
        process = subprocess.Popen(
            [ENDPOINT, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = process.stdout.readline()
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()

        def end():
            process.terminate()
            process.wait()
            reader.join()
            process.stdout.close()

        self.addCleanup(end)
        return int(line.split("127.0.0.1:")[1].split("/")[0])

    def command(self, url, *options):
        reports = ["--report-json", self.json, "--report-junit", self.junit]
        return [GRANTSPEC, url, "-u", USER, "--scope", SCOPES, *reports, *options]

    def environment(self):
        return {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GRANTSPEC_", "GTEST_", "GITHUB_"))
        }

    def run_on(self, url, *options, code=1):
        done = subprocess.run(
            self.command(url, *options),
            env=self.environment(),
            text=True,
            capture_output=True,
            timeout=RUN_SECONDS_MAX,
        )
        self.output = done.stdout + done.stderr
        self.assertEqual(done.returncode, code, self.output[-2000:])
        return self.verdicts(code)

    def verdicts(self, code):
        report = json.loads(pathlib.Path(self.json).read_text())
        self.assertEqual(report["exit_code"], code)
        self.report = report
        suites = xml.etree.ElementTree.parse(self.junit).getroot()
        failed = [case["id"] for case in report["cases"] if case["verdict"] == "fail"]
        self.assertEqual(int(suites.get("failures")), len(failed))
        stopped = report["run"].get("stopped", "")
        if stopped:
            self.assertIn(stopped, suites.find(".//error").get("message"))
        if failed or any(case["verdict"] == "pass" for case in report["cases"]):
            self.assertNotIn("nothing was judged", getattr(self, "output", ""))
        return report["cases"]

    @staticmethod
    def named(cases, verdict):
        return sorted(case["id"] for case in cases if case["verdict"] == verdict)

    def on_deviation(self, name, *options, code=1):
        port = self.endpoint("--deviate", name)
        return self.run_on(f"http://127.0.0.1:{port}/billing/oauth2/token", *options, code=code)

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
                cases = self.on_deviation(name)
                self.assertEqual(self.named(cases, "fail"), failures)
                self.assertGreater(len(self.named(cases, "pass")), 10)
                self.assertNotIn("stopped", self.report["run"])

    def test_a_content_coding_that_nobody_asked_for_is_judged(self):
        cases = self.on_deviation("token_response_in_gzip")
        self.assertTrue(set(self.named(cases, "fail")) <= {"json.utf8", "json.strict_parse_200"})
        self.assertIn("content coding that was not asked for", self.output)

    def test_what_needs_a_token_is_inconclusive_and_says_why(self):
        cases = self.on_deviation("error_with_status_200")
        reasons = {case["why"] for case in cases if case["id"] == "grant_type.baseline"}
        self.assertEqual(reasons, {"the control request got no valid token response: 200"})
        self.assertNotIn("inconclusive", [c["verdict"] for c in cases if c["why"] == ""])

    def test_server_errors_now_and_then_are_one_finding(self):
        cases = self.on_deviation("each_seventh_request_fails")
        self.assertEqual(self.named(cases, "fail"), ["error_response.no_5xx"])
        finding = next(case for case in cases if case["id"] == "error_response.no_5xx")
        self.assertRegex(finding["why"], r"^intermittent, \d+ of \d+ control requests; ")

    def always(self, status, body):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/token"

    def test_a_gateway_is_not_judged(self):
        for status in (502, 503, 504):
            with self.subTest(status):
                url = self.always(status, b'{"message":"no healthy upstream"}')
                self.assertEqual(self.run_on(url, code=3), [])
                self.assertIn("the gateway in front of the target responded", self.output)

    def test_an_application_with_the_status_of_a_gateway_is_judged(self):
        for status in (502, 503, 504):
            with self.subTest(status):
                url = self.always(status, b'{"error":"server_error"}')
                cases = self.run_on(url, "--gtest_filter=error_response.*:grant_type.*")
                self.assertIn("error_response.no_5xx", self.named(cases, "fail"))
                self.assertIn("an error of the application, not of a gateway", self.output)

    # ---- a target that ends --------------------------------------------------------------------

    def mortal(self, *arguments, **options):
        relay = Mortal(self.endpoint(), *arguments, **options)
        self.addCleanup(relay.close)
        return relay

    def test_a_target_that_ends_for_good(self):
        cases = self.run_on(self.mortal("OPTIONS * ").url)
        (failed,) = self.named(cases, "fail")
        self.assertRegex(
            self.output,
            rf"the target stopped serving after ({failed}|one of \d+ cases) and did not",
        )
        self.assertIn("http_method.options_star", self.output)  # alone, or among those named
        self.assertRegex(self.output, r"; \d+ of \d+ cases were judged \(exit code 1\)")
        self.assertIn("inconclusive", [case["verdict"] for case in cases])

    def test_a_target_that_hangs_for_good(self):
        cases = self.run_on(self.mortal("OPTIONS * ", "hangs").url, "--max-time", "2")
        (failed,) = self.named(cases, "fail")
        self.assertRegex(self.output, "the target stopped serving after .* and did not come back")
        self.assertIn("http_method.options_star", self.output)

    def test_a_target_that_is_started_again(self):
        for reply in ("", "replies"):
            with self.subTest(reply):
                cases = self.run_on(self.mortal("OPTIONS * ", reply, restart_s=1.5).url)
                self.assertEqual(self.named(cases, "fail"), ["http_method.options_star"])
                self.assertEqual(self.named(cases, "inconclusive"), [])

    # ---- a run that ends early -----------------------------------------------------------------

    def test_limits_are_reported_everywhere(self):
        url = f"http://127.0.0.1:{self.endpoint()}/billing/oauth2/token"
        cases = self.run_on(url, "--max-requests", "200", code=5)
        self.assertEqual(self.named(cases, "fail"), [])
        self.assertIn("--max-requests", self.output.splitlines()[-1])

    def test_an_interrupt_is_reported_everywhere(self):
        url = f"http://127.0.0.1:{self.endpoint()}/billing/oauth2/token"
        run = subprocess.Popen(
            self.command(url, "--rate", "100"),
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(RUN_SECONDS_MAX), 130)
        cases = self.verdicts(130)
        self.assertEqual(self.named(cases, "fail"), [])
        self.assertTrue(self.report["run"]["interrupted"])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
