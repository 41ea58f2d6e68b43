#!/usr/bin/env python3
"""The scripts around the programs: the action, the workflow, builds.

usage: test_scripts.py
"""
import base64
import fcntl
import importlib.machinery
import importlib.util
import json
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import unittest

import replay_wire

from lib import ROOT
from lib.programs import run
from lib.testing import ProgramTest, main


class Scripts(ProgramTest):
    def action(self, options):
        """What the composite action passes to scripts/conformance."""
        lines = (ROOT / ".github/actions/grantspec/action.yml").read_text().splitlines()
        start = next(i for i, line in enumerate(lines) if line.strip() == "run: |")
        depth = len(lines[start]) - len(lines[start].lstrip())
        block = []
        for line in lines[start + 1 :]:
            if line.strip() and len(line) - len(line.lstrip()) <= depth:
                break
            block.append(line[depth + 2 :])
        stub = self.path / "scripts" / "conformance"
        stub.parent.mkdir(exist_ok=True)
        stub.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        stub.chmod(0o755)
        done = run(
            *("--noprofile", "--norc", "-e", "-o", "pipefail", "-c", "\n".join(block)),
            program="bash",
            env={
                "GITHUB_ACTION_PATH": str(self.path / "a" / "b" / "c"),
                "GRANTSPEC_ACTION_URL": "https://a.example/t",
                "GRANTSPEC_ACTION_CLIENT": "a:b",
                "GRANTSPEC_ACTION_OPTIONS": options,
            },
            check=True,
        )
        words = done.stdout.splitlines()
        return words[words.index("grantspec-report") + 1 :]

    def test_the_action_takes_one_argument_a_line(self):
        (self.path / "a" / "b" / "c").mkdir(parents=True)
        self.assertEqual(
            self.action("--scope\na b\n\n  \n--wait-for\r\n60"),
            ["--scope", "a b", "--wait-for", "60"],
        )
        self.assertEqual(
            self.action("--scope=a b\n-H\nX: $(id) `id` *\n"),
            ["--scope=a b", "-H", "X: $(id) `id` *"],
        )
        self.assertEqual(self.action(""), [])

    def test_what_others_wrote_is_pinned(self):
        files = [*(ROOT / ".github").rglob("*.yml"), ROOT / "scripts/Containerfile"]
        text = "\n".join(path.read_text(encoding="utf-8") for path in files)
        uses = re.findall(r"uses: (\S+)", text)
        images = re.findall(r"(?m)^(?:FROM|\s+container:) (\S+)", text)
        self.assertGreaterEqual(len(uses), 2)
        self.assertGreaterEqual(len(images), 3)
        for one in uses:
            self.assertRegex(one, r"@[0-9a-f]{40}$")
        for one in images:
            self.assertRegex(one, r"@sha256:[0-9a-f]{64}$")
        for path in (ROOT / ".github/workflows").glob("*.yml"):
            self.assertIn("permissions:\n  contents: read", path.read_text(encoding="utf-8"))
        self.assertIn("if: always()", text)

    def common(self, command, root, **options):
        script = f'set -euo pipefail; root=$1; . "{ROOT}/scripts/common"; {command}'
        return subprocess.Popen(
            ["bash", "-c", script, "bash", str(root)],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def test_one_build_at_a_time(self):
        build = self.path / "build"
        build.mkdir()
        with open(build / ".lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = self.common('with_lock "$root/build" echo built', self.path)
            self.assertIn("waiting for another build", process.stderr.readline())
            self.assertIsNone(process.poll())
        out, _ = process.communicate()
        self.assertEqual((process.returncode, out), (0, "built\n"))
        status = self.common('with_lock "$root/build" false || echo "$?"', self.path)
        self.assertEqual(status.communicate()[0], "1\n")

    def test_a_path_that_cmake_cannot_take_is_one_sentence(self):
        for name in ("a;b", 'a"b', "a\\b", "a#b", "a\nb"):
            scripts = self.path / name / "scripts"
            scripts.mkdir(parents=True)
            for script in ("common", "conformance", "properties", "test", "fuzz", "prove"):
                shutil.copy(ROOT / "scripts" / script, scripts)
                if script == "common":
                    continue
                done = run("--yes", program=scripts / script)
                self.assertEqual(done.returncode, 2, (name, script, done.stderr))
                self.assertIn("CMake cannot build in a path", done.stderr)
        for name in ("a b", "a$b", "a'b"):
            process = self.common("echo good", self.path / name)
            self.assertEqual(process.communicate()[0], "good\n")


def loaded(name):
    """A script without extension as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "scripts" / name))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class Servers(ProgramTest):
    """The matrix and the findings of the real servers."""

    CLIENTS = {"main": {"id": "one", "secret": "p+w%2F:x&="}}

    def case(self, name, verdict="fail", actual="token (status 200)"):
        raw_bytes = "POST / HTTP/1.1\r\nX-Request-Id: 1\r\n\r\na='%"
        return {
            "id": name,
            "verdict": verdict,
            "actual": actual,
            "answers": "",
            "requirements": ["RFC6749-5.2-01"],
            "exchanges": [{"request": {"octets": raw_bytes}}],
        }

    def test_the_first_judgement_that_fits_takes_a_failure(self):
        judgements = [
            {"cases": ["a.*"], "servers": ["other"]},
            {"cases": ["a.*"], "actual": "^timeout"},
            {"cases": ["a.?"]},
            {"cases": ["*"], "actual": "^status"},
        ]
        cases = [self.case("a.b"), self.case("a.c", "pass"), self.case("b.c")]
        rows, left = loaded("findings").rows_of("server", cases, judgements)
        self.assertEqual({i: [c["id"] for c in found] for i, found in rows.items()}, {2: ["a.b"]})
        self.assertEqual([c["id"] for c in left], ["b.c"])

    def test_a_command_has_the_secrets_that_a_report_leaves_out(self):
        findings = loaded("findings")
        pair = base64.b64encode(b"one:redacted-r").decode()
        command = findings.with_secrets(f"x 'Basic {pair}' http://127.0.0.1:4711/", self.CLIENTS)
        right = base64.b64encode(b"one:p%2Bw%252F%3Ax%26%3D").decode()
        self.assertEqual(command, f"x 'Basic {right}' http://127.0.0.1:8080/")
        self.assertEqual(findings.with_secrets(f"basic {pair}", self.CLIENTS), f"basic {right}")

    def test_a_raw_request_is_sent_byte_for_byte(self):
        case = self.case("a.b")
        suite, alone = loaded("findings").commands("server", case, self.CLIENTS)
        self.assertEqual(suite, "scripts/against server --no-waivers --gtest_filter=a.b")
        command = alone.partition(" | ")[0]
        shown = run("-c", command, program="bash", text=False, errors=None, check=True)
        self.assertEqual(shown.stdout, b"POST / HTTP/1.1\r\n\r\na='%")

    def test_every_judgement_is_complete(self):
        path = ROOT / "fixtures/servers/judgements.json"
        servers = {one.parent.name for one in path.parent.glob("*/launch")}
        for one in json.loads(path.read_text(encoding="utf-8")):
            for member in ("cases", "defect", "clause", "consequence", "severity"):
                self.assertTrue(one.get(member), one)
            self.assertIn(one["severity"], ("high", "medium", "low"))
            self.assertLessEqual(set(one.get("servers", [])), servers)

    def test_a_kept_report_is_read_in_place_of_a_run(self):
        matrix = loaded("matrix")
        cause = {"id": "c1", "title": "a | b", "severity": "fail", "explains": ["a.b"]}
        report = self.write("authlib.1.json", {"cases": [self.case("a.b")], "causes": [cause]})
        server = matrix.run("authlib", 1, False, pathlib.Path(report))
        self.assertEqual(server["cases"], {"a.b": ["fail", "", ["RFC6749-5.2-01"]]})
        servers = {"authlib": {**server, "packages": {"python3-authlib": "1.2.0"}}}
        text = matrix.matrix_json(servers)
        self.assertEqual(json.loads(text)["servers"], servers)
        self.assertIn('\n"a.b": ["fail", "", ["RFC6749-5.2-01"]]\n', text)
        markdown = matrix.markdown(servers)
        self.assertIn("| authlib | python3-authlib 1.2.0 | 0 | 1 |", markdown)
        self.assertIn("<summary>a \\| b (c1)</summary>`a.b`: authlib</details> | 1 |", markdown)

    def test_a_cause_has_the_title_of_most_servers_and_what_fails_comes_first(self):
        matrix = loaded("matrix")

        def server(**causes):
            return {
                "causes": {
                    key: {"title": title, "severity": severity, "cases": [f"x.{key}"]}
                    for key, (title, severity) in causes.items()
                }
            }

        rows = matrix.rows_of(
            {
                "a": server(one=("rare", "warn"), two=("other", "fail")),
                "b": server(one=("usual", "warn")),
                "c": server(one=("usual", "warn")),
            }
        )
        titles = [(row.id, row.title) for row in rows]
        self.assertEqual(titles, [("two", "other"), ("one", "usual")])
        self.assertEqual(rows[1].folded(), {"x.one": ["a", "b", "c"]})
        self.assertEqual([rows[0].text(name) for name in "ab"], ["1", ""])
        self.assertEqual(rows[1].text("a"), "1 w")

    @unittest.skipUnless(shutil.which("clang++"), "clang is not installed")
    def test_mutants_of_the_endpoint(self):
        done = run(
            "--list",
            ROOT / "fixtures/endpoint/head_check.cc",
            program=ROOT / "scripts/mutate-endpoint",
        )
        self.assertEqual(done.returncode, 0, done)
        changes = {line.split(": ", 1)[1] for line in done.stdout.splitlines()}
        for change in (
            "first == last  ->  first != last",
            "400  ->  (400 + 1)",
            '"Host"  ->  "hOST"',
            '"Host"  ->  "Hosx"',
            'EqualsFolded(coding, "chunked")  ->  (coding) == ("chunked")',
            "framing.hosts.push_back(value)  ->  (left out)",
        ):
            self.assertIn(change, changes)

    def test_a_recording_is_played_with_new_tokens(self):
        old, new = b"a" * 43, b"b" * 43

        def issued(token, date):
            body = b'{"access_token":"' + token + b'"}'
            return b"HTTP/1.1 200 OK\r\nDate: " + date + b"\r\n\r\n" + body

        used = b"GET / HTTP/1.1\r\nAuthorization: Bearer " + old + b"\r\n\r\n"
        events = [
            (1, "send", b"POST / HTTP/1.1\r\n\r\n"),
            (1, "receive", issued(old, b"Mon")),
            (2, "send", used),
            (2, "receive", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ]
        received = []

        def serve(listener, last):
            for number in range(2):
                connection, _ = listener.accept()
                received.append(connection.recv(1000))
                connection.sendall(issued(new, b"Tue") if number == 0 else last)
                connection.close()

        for last, differs in (
            (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
            (b"HTTP/1.1 401 N", "bytes"),
        ):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                thread = threading.Thread(target=serve, args=(listener, last))
                thread.start()
                port = listener.getsockname()[1]
                self.assertEqual(replay_wire.Player(port, events).play(), differs)
                thread.join()
            self.assertEqual(received[-1], used.replace(old, new))

    def test_what_a_recording_has_often_is_played_twice(self):
        sent = b"POST / HTTP/1.1\r\nX-Request-Id: %d\r\n\r\n"
        events = []
        for number in range(5):
            events += [(1, "send", sent % number), (1, "receive", b"one"), (1, "receive", b"two")]
        self.assertEqual(replay_wire.distinct(events), events[:6])
        # A message in two pieces stays whole.
        pieces = [(1, "send", b"a"), (1, "send", b"b"), (1, "receive", b"c")] * 4
        self.assertEqual(replay_wire.distinct(pieces), pieces)

    def test_whole_responses_are_counted(self):
        one = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
        self.assertEqual(replay_wire.whole_responses(one + one), 2)
        self.assertEqual(replay_wire.whole_responses(b""), 0)
        self.assertIsNone(replay_wire.whole_responses(one[:-1]))
        self.assertIsNone(replay_wire.whole_responses(one[:20]))

    def test_words_for_people_are_no_difference(self):
        one = b'HTTP/1.1 401 N\r\ncache-control: NO-STORE\r\n\r\n{"error_description":"a"}'
        other = b'HTTP/1.1 401 N\r\nCache-Control: no-store\r\n\r\n{"error_description":"b"}'
        self.assertNotEqual(replay_wire.normal(one), replay_wire.normal(other))
        self.assertEqual(replay_wire.words_left_out(one), replay_wire.words_left_out(other))


if __name__ == "__main__":
    main()
