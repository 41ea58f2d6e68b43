#!/usr/bin/env python3
"""What --update-waivers keeps, changes and leaves alone.

usage: test_waiver_files.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import pathlib
import shutil
import signal
import subprocess
import threading

from lib.clients import TARGET_OPTIONS, USER
from lib.programs import GRANTSPEC, RUN_SECONDS_MAX, environment, run
from lib.target import Target, token_response
from lib.testing import ProgramTest, main

UPDATE = ("--user-env", "U", "--scope", "read", "--update-waivers", "--waivers")


class WaiverFiles(ProgramTest):
    def entry(self, case, **change):
        return {
            "case": case,
            "reason": "known",
            "owner": "us",
            "expires": "2099-01-01",
            "observed": "token",
            **change,
        }

    def waivers(self, path):
        return self.read(path)["waivers"]

    def test_what_was_not_judged_stays(self):
        entries = [
            self.entry("scope.unknown_only"),
            self.entry("scope.*"),
            self.entry("transport_tls.tls12_or_13"),
            self.entry("own.case"),
        ]
        path = self.write(
            "w.json", {"note": "ours", "waivers": [*entries, self.entry("json.expires_in_number")]}
        )
        done = run("--category", "json", "--waivers", path, "--update-waivers")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.waivers(path), entries)
        self.assertEqual(self.read(path)["note"], "ours")

    def test_a_failure_keeps_what_people_wrote(self):
        url = self.endpoint("--fault", "expires_in_string").url
        options = [url, *TARGET_OPTIONS, "--category", "json"]
        path = self.write(
            "w.json", {"waivers": [self.entry("json.expires_in_number", observed="invalid_scope")]}
        )
        done = run(*options, "--waivers", path, "--update-waivers", env=USER)
        self.assertEqual(done.returncode, 1, done.stderr)
        first = self.waivers(path)[0]
        self.assertEqual(
            (first["reason"], first["owner"], first["expires"], first["observed"]),
            ("known", "us", "2099-01-01", "violated"),
        )
        entry = self.entry("json.expires_in*", observed="violated")
        pattern = self.write("p.json", {"waivers": [entry]})
        run(*options, "--waivers", pattern, "--update-waivers", env=USER)
        self.assertIn(entry, self.waivers(pattern))
        self.assertNotIn("json.expires_in_number", [e["case"] for e in self.waivers(pattern)])

    def test_a_run_that_stopped_leaves_the_file(self):
        path = self.write("w.json", {"waivers": [self.entry("json.expires_in_number")]})
        before = pathlib.Path(path).read_bytes()
        done = run("http://127.0.0.1:1/t", *UPDATE, path, env=USER)
        self.assertEqual(done.returncode, 3)
        self.assertIn("was not updated", done.stderr)
        self.assertEqual(pathlib.Path(path).read_bytes(), before)

    def at_first(self, act):
        """A target that grants a token to every request, and acts before its first response."""

        def respond(request):
            if request.number == 1:
                act()
            return token_response()

        return self.kept(Target(respond))

    def test_a_run_that_was_interrupted_leaves_the_file(self):
        path = self.write("w.json", {"waivers": [self.entry("json.expires_in_number")]})
        before = pathlib.Path(path).read_bytes()
        started, report = threading.Event(), self.path / "r.json"

        def interrupt():
            started.wait()
            process.send_signal(signal.SIGINT)

        target = self.at_first(interrupt)
        with subprocess.Popen(
            [GRANTSPEC, target.url, *UPDATE, path, "--report-json", report],
            env=environment(USER),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            started.set()
            _, errors = process.communicate(timeout=RUN_SECONDS_MAX)
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn("was not updated: the run was interrupted", errors)
        self.assertEqual(pathlib.Path(path).read_bytes(), before)
        self.assertTrue(self.read(report)["run"]["interrupted"])

    def test_a_file_that_cannot_be_written_is_found_before_the_run(self):
        target = self.kept(Target(token_response()))
        for path in ("/nowhere/w.json", str(self.path / "absent" / "w.json")):
            self.usage_error(run(target.url, *UPDATE, path, env=USER), path)
        self.assertEqual(target.requests, [])

    def test_a_waiver_file_costs_no_report(self):
        folder, report = self.path / "gone", self.path / "r.json"
        folder.mkdir()
        target = self.at_first(lambda: shutil.rmtree(folder))
        options = ("--category", "json", "--report-json", report)
        done = run(target.url, *UPDATE, folder / "w.json", *options, env=USER)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("w.json", done.stderr)
        self.assertEqual(self.read(report)["schema"], "grantspec-report/2")


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
