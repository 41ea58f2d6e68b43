#!/usr/bin/env python3
"""Files that the command reads and writes. test_waiver_files.py and test_report_files.py have more.

usage: test_files.py GRANTSPEC GRANTSPEC-ENDPOINT [GRANTSPEC-PROPERTIES]
"""
import json
import os
import stat
import threading

from lib.clients import READ, TARGET_OPTIONS, USER
from lib.listener import free_port
from lib.programs import PROGRAMS, run
from lib.target import Target, token_response
from lib.testing import ProgramTest, main


class Outputs(ProgramTest):
    def test_devices_stay_what_they_are(self):
        null = self.device("null", 3)
        for report in (["--report-json", null], ["--report-json", null, "--report-html", null]):
            done = run("--category", "json", *report)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(stat.S_ISCHR(os.stat(null).st_mode))

    def test_a_fifo_and_an_inherited_pipe_receive_the_report(self):
        fifo = self.path / "fifo"
        os.mkfifo(fifo)
        received = []
        # Where nothing opens the fifo for writing, its reader would wait forever.
        reader = threading.Thread(target=lambda: received.append(fifo.read_bytes()), daemon=True)
        reader.start()
        done = run("--category", "json", "--report-json", str(fifo))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(stat.S_ISFIFO(fifo.stat().st_mode))
        reader.join()
        self.assertEqual(json.loads(received[0])["exit_code"], 0)
        end, other = os.pipe()
        with os.fdopen(end, "rb") as pipe:
            self.inherited(pipe, other, received)
        self.assertEqual(json.loads(received[1])["exit_code"], 0)

    def inherited(self, pipe, other, received):
        reader = threading.Thread(target=lambda: received.append(pipe.read()))
        reader.start()
        run("--category", "json", "--report-json", f"/dev/fd/{other}", pass_fds=[other])
        os.close(other)
        reader.join()

    def test_a_report_on_standard_output_is_alone_there(self):
        for path in ("-", "/dev/stdout", "/dev/fd/1"):
            done = run("--category", "json", "--report-json", path)
            self.assertEqual(json.loads(done.stdout)["exit_code"], 0)
            self.assertIn("passed", done.stderr)
        with open(self.path / "kept", "w", encoding="utf-8") as kept:
            run("--category", "json", "--report-json", "/dev/stdout", stdout=kept)
        self.assertEqual(json.loads((self.path / "kept").read_text())["exit_code"], 0)
        done = run("--category", "json", "--report-json", "-", "--report-html", "/dev/stdout")
        self.usage_error(done, "two reports")

    def test_two_spellings_of_one_file_are_one_file(self):
        done = run(
            "--category", "json", "--report-json", "a", "--report-html", "./a", cwd=self.path
        )
        self.usage_error(done, "two reports")

    def test_a_full_disk_is_no_success(self):
        for name, program in PROGRAMS.items():
            for argument in (
                "--help",
                "--list-faults" if name == "grantspec-endpoint" else "--list",
            ):
                with open("/dev/full", "w", encoding="utf-8") as full:
                    done = run(argument, program=program, stdout=full)
                self.assertEqual(done.returncode, 2, (program, argument))
                self.assertIn("standard output", done.stderr)
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertEqual(run("--category", "json", stdout=full).returncode, 2)


class Inputs(ProgramTest):
    def test_credentials_come_from_pipes(self):
        url = self.endpoint().url
        for path in ("-", "/dev/stdin"):
            options = ("--user-file", path, "--scope", READ, "--category", "json")
            done = run(url, *options, input=USER["U"] + "\n")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_cannot_be_read_says_why(self):
        absent, folder = str(self.path / "absent"), str(self.path)
        profile = self.write(
            "p.json", {"url": "http://127.0.0.1:1/t", "client": {"id": "a", "secret_file": absent}}
        )
        for option in (
            "--profile",
            "--cases",
            "--waivers",
            "--replay",
            "--user-file",
            "--cacert",
            "--cert",
            "--key",
            "--merge-reports",
            "--check-cases",
        ):
            user = [] if option == "--user-file" else ["--user-env", "U"]
            done = run("http://127.0.0.1:1/t", option, absent, *user, env=USER)
            self.usage_error(done, f"{absent}: no such file")
        for option in ("--profile", "--waivers", "--replay", "--user-file", "--cacert"):
            self.usage_error(run(option, folder), f"{folder}: is a directory")
        self.usage_error(run("--profile", profile), f"{absent}: no such file")
        self.usage_error(run("--compare", absent, absent), f"{absent}: no such file")

    def test_a_user_option_needs_no_secret_of_the_profile(self):
        url = self.endpoint().url
        for client in ({"secret_env": "NOT_SET"}, {"secret_file": "/nowhere"}):
            profile = self.write(
                "p.json",
                {"url": url, "granted_scopes": [READ], "client": {"id": "other", **client}},
            )
            done = run("--profile", profile, "--user-env", "U", "--category", "json", env=USER)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.usage_error(run("--profile", profile))

    def test_network_options_that_cannot_work(self):
        target = self.kept(Target(token_response()))
        plain = self.write("plain", "x")
        for arguments in (
            ["-H", "bad"],
            ["-H", "a b: c"],
            ["-H", ": c"],
            ["-H", "A: b\r\nC: d"],
            ["-A", "a\rb"],
            ["--connect-to", "a"],
            ["--connect-to", "a:1:b:x"],
            ["--resolve", "a"],
            ["--resolve", "a:80:nope"],
            ["--resolve", "a:0:127.0.0.1"],
            ["--pinnedpubkey", "foo"],
            ["--pinnedpubkey", "sha256//YQ=="],
            ["--proxy", ":80"],
            ["--proxy", "ftp://a"],
            ["--proxy", "a:b"],
            ["--capath", plain],
            ["--unix-socket", plain],
            ["--unix-socket", "/nowhere"],
            ["--cert", "/nowhere"],
            ["--cert", plain],
            ["--key", "/nowhere"],
            ["--cacert", "/nowhere"],
            ["--reference", "x"],
            ["--reference", "http://a:b@c/d"],
        ):
            done = run(target.url, "--user-env", "U", "--scope", "read", *arguments, env=USER)
            self.usage_error(done)
        self.assertEqual(target.requests, [])
        for arguments in (
            ["-H", "X-A: b"],
            ["-H", "X-A;"],
            ["--connect-to", "::127.0.0.1:"],
            ["--resolve", "localhost:80:::1,127.0.0.1"],
            ["--pinnedpubkey", "sha256//" + "A" * 43 + "="],
        ):
            done = run("--category", "json", *arguments)
            self.assertEqual(done.returncode, 0, (arguments, done.stderr))

    def test_a_reference_that_is_not_there_is_found_before_the_run(self):
        target = self.kept(Target(token_response()))
        nobody = f"http://127.0.0.1:{free_port()}/token"
        done = run(target.url, *TARGET_OPTIONS, "--reference", nobody, env=USER)
        self.usage_error(done, "--reference " + nobody)
        self.assertEqual(target.requests, [])


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
