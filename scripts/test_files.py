#!/usr/bin/env python3
"""Files that the command reads and writes, and gates built on its reports.

usage: test_files.py GRANTSPEC GRANTSPEC-ENDPOINT [GRANTSPEC-PROPERTIES]
"""
import copy
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import unittest

import jsonschema

PROGRAMS = [str(pathlib.Path(one).resolve()) for one in sys.argv[1:]]
GRANTSPEC, ENDPOINT = PROGRAMS[:2]
ROOT = pathlib.Path(__file__).resolve().parent.parent
USER = {"U": "s6BhdRkqt3:gX1fBat3bV"}
SCOPE = "billing:batches:read"
OUTSIDE = re.compile("^(GRANTSPEC_|GTEST_|GITHUB_|CI_)")


def environment(more=None):
    return {**{k: v for k, v in os.environ.items() if not OUTSIDE.match(k)}, **(more or {})}


def run(*arguments, env=None, **options):
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(
        [GRANTSPEC, *arguments],
        env=environment(env),
        text=True,
        timeout=120,
        stderr=subprocess.PIPE,
        errors="replace",
        check=False,
        **options,
    )


class Target:
    """Grants a token to every request; calls `at_first` before its first response."""

    def __init__(self, at_first=lambda: None):
        outer = self
        self.requests, self.at_first = [], at_first

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append(self.command)
                if len(outer.requests) == 1:
                    outer.at_first()
                body = json.dumps(
                    {
                        "access_token": "a" * 24,
                        "token_type": "Bearer",
                        "expires_in": 60,
                        "scope": "read",
                    }
                ).encode()
                self.send_response(200)
                for name, value in (
                    ("Content-Type", "application/json"),
                    ("Cache-Control", "no-store"),
                    ("Content-Length", str(len(body))),
                ):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def write(self, name, value):
        path = self.path / name
        text = value if isinstance(value, str) else json.dumps(value)
        path.write_text(text, encoding="utf-8")
        return str(path)

    def device(self, name, minor):
        """A device like /dev/null. One of the system's own would be lost to a program that replaces
        devices and has the privilege."""
        path = self.path / name
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        except PermissionError:
            return f"/dev/{name}"
        return str(path)

    def endpoint(self, *arguments):
        process = subprocess.Popen([ENDPOINT, *arguments], stdout=subprocess.PIPE, text=True)

        def end():
            process.terminate()
            process.wait()
            process.stdout.close()

        self.addCleanup(end)
        return process.stdout.readline().rsplit(" ", 1)[1].strip()

    def usage_error(self, done, *texts):
        self.assertEqual(done.returncode, 2, (done.args, done.stderr))
        self.assertEqual(done.stderr.count("\n"), 1, (done.args, done.stderr))
        self.assertTrue(done.stderr.startswith("grantspec: "), done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)


class Outputs(Case):
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
        for program in PROGRAMS:
            endpoint = pathlib.Path(program).name == "grantspec-endpoint"
            for argument in ("--help", "--list-faults" if endpoint else "--list"):
                with open("/dev/full", "w", encoding="utf-8") as full:
                    done = subprocess.run(
                        [program, argument],
                        stdout=full,
                        stderr=subprocess.PIPE,
                        text=True,
                        env=environment(),
                        check=False,
                    )
                self.assertEqual(done.returncode, 2, (program, argument))
                self.assertIn("standard output", done.stderr)
        with open("/dev/full", "w", encoding="utf-8") as full:
            self.assertEqual(run("--category", "json", stdout=full).returncode, 2)


class Inputs(Case):
    def test_credentials_come_from_pipes(self):
        url = self.endpoint()
        for path in ("-", "/dev/stdin"):
            done = run(
                url,
                "--user-file",
                path,
                "--scope",
                SCOPE,
                "--category",
                "json",
                input=USER["U"] + "\n",
            )
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
        url = self.endpoint()
        for client in ({"secret_env": "NOT_SET"}, {"secret_file": "/nowhere"}):
            profile = self.write(
                "p.json",
                {"url": url, "granted_scopes": [SCOPE], "client": {"id": "other", **client}},
            )
            done = run("--profile", profile, "--user-env", "U", "--category", "json", env=USER)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.usage_error(run("--profile", profile))

    def test_network_options_that_cannot_work(self):
        target = Target()
        self.addCleanup(target.close)
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
        target = Target()
        self.addCleanup(target.close)
        with socket.create_server(("127.0.0.1", 0)) as free:
            nobody = f"http://127.0.0.1:{free.getsockname()[1]}/token"
        done = run(
            target.url, "--user-env", "U", "--scope", "read", "--reference", nobody, env=USER
        )
        self.usage_error(done, "--reference " + nobody)
        self.assertEqual(target.requests, [])


class WaiverFiles(Case):
    def entry(self, case, **change):
        return {
            "case": case,
            "reason": "known",
            "owner": "us",
            "expires": "2099-01-01",
            "observed": "token",
            **change,
        }

    def read(self, path):
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["waivers"]

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
        self.assertEqual(self.read(path), entries)
        self.assertEqual(json.loads(pathlib.Path(path).read_text())["note"], "ours")

    def test_a_failure_keeps_what_people_wrote(self):
        url = self.endpoint("--fault", "expires_in_string")
        options = [url, "--user-env", "U", "--scope", SCOPE, "--category", "json"]
        path = self.write(
            "w.json", {"waivers": [self.entry("json.expires_in_number", observed="invalid_scope")]}
        )
        done = run(*options, "--waivers", path, "--update-waivers", env=USER)
        self.assertEqual(done.returncode, 1, done.stderr)
        first = self.read(path)[0]
        self.assertEqual(
            (first["reason"], first["owner"], first["expires"], first["observed"]),
            ("known", "us", "2099-01-01", "violated"),
        )
        entry = self.entry("json.expires_in*", observed="violated")
        pattern = self.write("p.json", {"waivers": [entry]})
        run(*options, "--waivers", pattern, "--update-waivers", env=USER)
        self.assertIn(entry, self.read(pattern))
        self.assertNotIn("json.expires_in_number", [e["case"] for e in self.read(pattern)])

    def test_a_run_that_stopped_leaves_the_file(self):
        path = self.write("w.json", {"waivers": [self.entry("json.expires_in_number")]})
        before = pathlib.Path(path).read_bytes()
        done = run(
            "http://127.0.0.1:1/t",
            "--user-env",
            "U",
            "--waivers",
            path,
            "--update-waivers",
            env=USER,
        )
        self.assertEqual(done.returncode, 3)
        self.assertIn("was not updated", done.stderr)
        self.assertEqual(pathlib.Path(path).read_bytes(), before)

    def test_a_run_that_was_interrupted_leaves_the_file(self):
        path = self.write("w.json", {"waivers": [self.entry("json.expires_in_number")]})
        before = pathlib.Path(path).read_bytes()
        started, report = threading.Event(), self.path / "r.json"

        def interrupt():
            started.wait()
            process.send_signal(signal.SIGINT)

        target = Target(interrupt)
        self.addCleanup(target.close)
        with subprocess.Popen(
            [
                GRANTSPEC,
                target.url,
                "--user-env",
                "U",
                "--scope",
                "read",
                "--waivers",
                path,
                "--update-waivers",
                "--report-json",
                str(report),
            ],
            env=environment(USER),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            started.set()
            _, errors = process.communicate()
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn("was not updated: the run was interrupted", errors)
        self.assertEqual(pathlib.Path(path).read_bytes(), before)
        self.assertTrue(json.loads(report.read_text())["run"]["interrupted"])

    def test_a_file_that_cannot_be_written_is_found_before_the_run(self):
        target = Target()
        self.addCleanup(target.close)
        for path in ("/nowhere/w.json", str(self.path / "absent" / "w.json")):
            done = run(
                target.url,
                "--user-env",
                "U",
                "--scope",
                "read",
                "--waivers",
                path,
                "--update-waivers",
                env=USER,
            )
            self.usage_error(done, path)
        self.assertEqual(target.requests, [])

    def test_a_waiver_file_costs_no_report(self):
        folder, report = self.path / "gone", self.path / "r.json"
        folder.mkdir()
        target = Target(lambda: shutil.rmtree(folder))
        self.addCleanup(target.close)
        done = run(
            target.url,
            "--user-env",
            "U",
            "--scope",
            "read",
            "--category",
            "json",
            "--waivers",
            str(folder / "w.json"),
            "--update-waivers",
            "--report-json",
            str(report),
            env=USER,
        )
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("w.json", done.stderr)
        self.assertEqual(json.loads(report.read_text())["schema"], "grantspec-report/2")


def paths_in(value, prefix=()):
    """The path of each member and of the first items of each list."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*prefix, name)
            yield from paths_in(member, (*prefix, name))
    elif isinstance(value, list):
        for index, item in enumerate(value[:1]):
            yield (*prefix, index)
            yield from paths_in(item, (*prefix, index))


def with_value(report, path, value):
    changed = copy.deepcopy(report)
    at = changed
    for name in path[:-1]:
        at = at[name]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(changed, indent=1)


class Gates(Case):
    CODES = {0, 1, 2, 3, 4, 5, 130}

    def shard(self, index, shards=3, env=None, **options):
        path = str(self.path / f"shard{index}.json")
        done = run(
            "--category",
            "scope",
            "--report-json",
            path,
            env={"GTEST_TOTAL_SHARDS": str(shards), "GTEST_SHARD_INDEX": str(index), **(env or {})},
            **options,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def read(self, path):
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))

    def valid(self, report):
        schema = json.loads((ROOT / "conformance/report.schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(report, schema)

    def test_shards_are_counted(self):
        shards = [self.shard(i, env={"GRANTSPEC_RUN_ID": "42"}) for i in range(3)]
        self.assertEqual(
            self.read(shards[1])["run"], {"id": "42", "shard": 1, "shards": 3, "interrupted": False}
        )
        # The embedded endpoint has another port in each shard, and is one target.
        whole = run("--merge-reports", *shards)
        self.assertEqual(whole.returncode, 0, whole.stderr)
        self.valid(json.loads(whole.stdout))
        for wrong, text in (
            ([shards[0], shards[2]], "no report of shard 1"),
            ([*shards, shards[1]], "shard 1 is given twice"),
            ([shards[0], shards[0]], "shard 0 is given twice"),
        ):
            done = run("--merge-reports", *wrong)
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn(text, done.stderr)
            self.valid(json.loads(done.stdout))
        other = self.shard(2, env={"GITHUB_RUN_ID": "43"})
        self.assertEqual(run("--merge-reports", *shards[:2], other).returncode, 5)

    def test_a_merged_report_that_cannot_be_written_is_a_usage_error(self):
        one = self.shard(0, 1)
        full = self.device("full", 7)
        self.usage_error(run("--merge-reports", one, "--report-json", full), full)
        self.usage_error(run("--merge-reports", one, "--report-json", str(self.path)))

    def test_an_invalid_shard_is_a_usage_error(self):
        for index, shards in (("3", "3"), ("x", "3"), ("0", "-1")):
            done = run(
                "--category",
                "scope",
                env={"GTEST_TOTAL_SHARDS": shards, "GTEST_SHARD_INDEX": index},
            )
            self.usage_error(done, "GTEST_")

    def test_the_stored_exit_code_is_not_trusted(self):
        report = self.read(self.shard(0, 1))
        report["cases"][0]["verdict"] = "fail"
        done = run("--merge-reports", self.write("f.json", report))
        self.assertEqual(done.returncode, 1, done.stderr)

    def test_gone_cases_and_other_targets_are_regressions(self):
        old = self.shard(0, 1)
        report = self.read(old)
        fewer = {**report, "cases": report["cases"][:3]}
        few = self.write("few.json", fewer)
        self.assertEqual(run("--compare", old, few).returncode, 1)
        self.assertEqual(run("--compare", old, few, "--allow-gone").returncode, 0)
        none = self.write("none.json", {**report, "cases": []})
        self.assertEqual(run("--compare", old, none, "--allow-gone").returncode, 1)
        target = {"url": "https://a.example/token", "insecure": False, "embedded": False}
        done = run("--compare", old, self.write("t.json", {**report, "target": target}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("different targets", done.stdout)
        self.usage_error(run("--allow-gone"), "--compare")

    def check(self, text, good):
        path = self.path / "mutant.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        for arguments in (
            ["--compare", str(path), good],
            ["--compare", good, str(path)],
            ["--merge-reports", str(path), good],
        ):
            done = run(*arguments)
            self.assertIn(done.returncode, self.CODES, (done.stderr, text[:3000]))
            if done.returncode == 2:
                self.usage_error(done, "mutant.json")
        return done.returncode

    def test_malformed_reports_are_usage_errors_with_a_line(self):
        report = self.read(self.shard(0, 1))
        good = self.write("good.json", report)
        report["cases"] = report["cases"][:3]
        text = json.dumps(report, indent=1)
        wrong = [
            *[
                with_value(report, p, v)
                for p, v in (
                    (("summary",), 1),
                    (("summary", "requests"), "x"),
                    (("seconds",), "x"),
                    (("requirements", 0), {}),
                    (("requirements", 0), 1),
                    (("cases", 0, "id"), 7),
                    (("cases", 0, "id"), "A B"),
                    (("cases", 0), []),
                    (("cases", 1), report["cases"][0]),
                    (("cases", 0, "verdict"), "splendid"),
                    (("summary", "requests"), -1),
                    (("exit_code",), 10**30),
                    (("run", "shards"), 1),
                    (("schema",), "grantspec-report/9"),
                    (("target",), []),
                    (("suite",), None),
                )
            ],
            text.replace('"seconds": ', '"seconds": 1e999, "x": ', 1),
            "",
            "[]",
            "null",
            "\0",
            text + "x",
            text.encode()[:200] + b"\xff\xfe" + text.encode()[200:],
            "[" * 1_000_000,
            '{"a":' * 1_000_000,
            text.replace("{", '{"schema": 1,', 1),
        ]
        for one in wrong:
            self.assertEqual(self.check(one, good), 2, one[:300])
        done = run("--replay", str(self.path / "mutant.json"))
        self.usage_error(done, "mutant.json:2")

    def test_mutated_reports_never_end_in_an_internal_error(self):
        report = self.read(self.shard(0, 1))
        good = self.write("good.json", report)
        report["cases"] = [
            {
                **report["cases"][0],
                "exchanges": [
                    {
                        "request": {"step": "a", "line": "POST / HTTP/1.1", "octets": "x"},
                        "response": {
                            "status_line": "x",
                            "fields": [{"name": "a", "value": "b"}],
                            "content": "c",
                        },
                    }
                ],
            }
        ]
        report["attention"] = [{"waiver": "a.*", "message": "m", "unused": True, "unsettled": []}]
        chance = random.Random(1)
        values = [None, True, 0, -1, 10**30, 1.5, "", "x\ny\u202e", [], {}, [[1]], {"a": {}}]
        for path in paths_in(report):
            for value in chance.sample(values, 2):
                self.check(with_value(report, path, value), good)
        text = json.dumps(report).encode()
        for _ in range(60):
            self.check(text[: chance.randrange(len(text))], good)
            at = chance.randrange(len(text))
            self.check(text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :], good)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
