#!/usr/bin/env python3
"""Uses the command as people and CI jobs do: exit codes, bad input, reports, and no secret
anywhere.

usage: test_command.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import base64
import gzip
import html
import http.server
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree
import zlib

import jsonschema

GRANTSPEC, ENDPOINT = sys.argv[1:3]
SECRETS = [
    "gX1fBat3bV",
    "k3yForPadOne1",
    "k3yForPadTwo",
    "k>>>?key??",
    "r3adOnlySecret",
    "susp3nded",
]
SCOPES = (
    "billing:batches:read billing:customers:read billing:batches:submit billing:customers:invite"
)


def run(*arguments, env=None, **options):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GRANTSPEC_")}
    clean.update(env or {})
    return subprocess.run(
        [GRANTSPEC, *arguments],
        env=clean,
        text=True,
        errors="replace",
        capture_output=True,
        timeout=300,
        **options,
    )


class Canned:
    """A server that sends the same octets to everybody."""

    def __init__(self, octets, hold=False):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.octets, self.hold, self.open = octets, hold, []
        self.url = "http://127.0.0.1:%d/token" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(connection)
            try:
                connection.recv(65536)
                connection.sendall(self.octets)
                if not self.hold:
                    connection.close()
            except OSError:
                pass

    def close(self):
        self.socket.close()
        for connection in self.open:
            connection.close()


class Echo:
    """A target that grants tokens and, for everything but the control request, sends secrets and
    the tokens of the whole run back, in every encoding and in every field that there is."""

    def __init__(self, secret, die_after=0):
        self.secret, self.tokens, self.die_after, self.asked = secret, [], die_after, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.answer(self, content)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # who asks may go away at any time
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spellings(self):
        return [
            s
            for what in [self.secret, *self.tokens[-3:], *self.tokens[:2]]
            for s in spellings_of(what)
        ]

    def answer(self, handler, content):
        self.asked += 1
        if self.die_after and self.asked > self.die_after:
            self.send(handler, 500, b"{}", [])
            return
        pair = "client:" + urllib.parse.quote_plus(self.secret)
        good = (
            content == b"grant_type=client_credentials&scope=read"
            and handler.headers.get("Authorization")
            == "Basic " + base64.b64encode(pair.encode()).decode()
        )
        if good:
            token = secrets.token_urlsafe(32)
            self.tokens.append(token)
            body = json.dumps(
                {"access_token": token, "token_type": "Bearer", "expires_in": 60, "scope": "read"}
            )
            self.send(
                handler, 200, body.encode(), [("Cache-Control", "no-store"), ("Pragma", "no-cache")]
            )
            return
        told = " ".join(self.spellings())
        fields = [(f"X-Echo-{i}", s) for i, s in enumerate(self.spellings()) if "\n" not in s]
        if self.tokens:
            fields += [
                ("Location", f"https://x.invalid/cb#access_token={self.tokens[-1]}&a=b"),
                ("X-Auth", self.tokens[0]),
            ]
        # A token that no granted answer holds, and one in broken JSON.
        for name in ("Location", "X-Other"):
            self.tokens.append(secrets.token_urlsafe(24))
            fragment = f"access_token={self.tokens[-1]}"
            fields.append((name, f"https://x.invalid/#{fragment}&{fragment}"))
        fields += [
            ("WWW-Authenticate", f'Basic realm="{self.secret}"'),
            ("Server", self.secret),
            ("Set-Cookie", told[:2000]),
        ]
        body = json.dumps(
            {
                "error": "invalid_client " + self.secret,
                "error_description": told,
                self.secret: told,
                "scope": told,
            }
        ).encode()
        if self.asked % 2:
            body = gzip.compress(body) if self.asked % 4 == 1 else zlib.compress(body)
            if self.asked % 8 > 4:
                fields.append(("Content-Encoding", "gzip"))
        self.send(handler, 401 if self.asked % 5 else 200, body, fields)

    def send(self, handler, status, body, fields):
        handler.send_response(status, self.secret)
        for name, value in [
            *fields,
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]:
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def spellings_of(what):
    """Raw, percent, hexadecimal, JSON-escaped and base64 at three alignments."""
    octets = what.encode()
    found = [
        what,
        "".join(f"%{b:02X}" for b in octets),
        "".join(f"%{b:02x}" for b in octets),
        octets.hex(),
        octets.hex().upper(),
        "".join(f"\\u{b:04x}" for b in octets),
    ]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for prefix in ("", "a", "ab"):
            whole = encode((prefix + what).encode()).decode()
            # The symbols that the text alone decides.
            found.append(whole[(8 * len(prefix) + 5) // 6 : (len(prefix) + len(octets)) * 8 // 6])
    return found


def end(process):
    process.terminate()
    process.wait()
    process.stdout.close()


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        (self.path / name).write_text(text)
        return str(self.path / name)

    def start_endpoint(self, *arguments):
        process = subprocess.Popen([ENDPOINT, *arguments], stdout=subprocess.PIPE, text=True)
        url = process.stdout.readline().rsplit(" ", 1)[1].strip()
        return process, url

    def test_embedded_endpoint_passes(self):
        done = run(
            "--report-json", str(self.path / "r.json"), "--report-junit", str(self.path / "r.xml")
        )
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
        report = json.loads((self.path / "r.json").read_text())
        self.assertEqual(report["schema"], "grantspec-report/2")
        self.assertGreater(report["summary"]["pass"], 400)
        self.assertEqual(report["summary"]["fail"], 0)
        tree = ElementTree.parse(self.path / "r.xml").getroot()
        self.assertEqual(len(tree.findall(".//testcase")), len(report["cases"]))
        self.assertIn("not run:", done.stdout)

    def test_a_url_is_tested_and_findings_are_told(self):
        clients = self.write(
            "c.json",
            json.dumps(
                {
                    "clients": [
                        {"id": "s6BhdRkqt3", "secret": "gX1fBat3bV", "scopes": SCOPES.split()[:2]}
                    ]
                }
            ),
        )
        process, url = self.start_endpoint("--clients", clients)
        try:
            artefacts = {n: str(self.path / n) for n in ("r.json", "r.xml")}
            # The scope that is claimed to be granted is not: true findings, which get reported.
            done = run(
                url,
                "--user-env",
                "U",
                "--scope",
                SCOPES,
                "--report-json",
                artefacts["r.json"],
                "--report-junit",
                artefacts["r.xml"],
                "-v",
                env={"U": "s6BhdRkqt3:gX1fBat3bV"},
            )
            self.assertEqual(done.returncode, 0, done.stdout[-2000:])
            strict = run(
                url,
                "--user-env",
                "U",
                "--scope",
                "billing:batches:submit billing:batches:read",
                env={"U": "s6BhdRkqt3:gX1fBat3bV"},
            )
            self.assertEqual(strict.returncode, 3)
        finally:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(10), 0)
            process.stdout.close()
        self.no_secret(
            done.stdout + done.stderr, *[pathlib.Path(p).read_text() for p in artefacts.values()]
        )

    def valid(self, report):
        schema = (
            pathlib.Path(json.loads(run("--list=json").stdout)[0]["file"]).parent.parent
            / "report.schema.json"
        )
        jsonschema.validate(report, json.loads(schema.read_text()))

    def test_reports_are_compared_joined_and_replayed(self):
        good, bad, shards = str(self.path / "good.json"), str(self.path / "bad.json"), []
        env = {"U": "s6BhdRkqt3:gX1fBat3bV"}
        process, url = self.start_endpoint()
        faulty, faulty_url = self.start_endpoint("--fault", "scope_order_matters")
        try:
            target = ["--user-env", "U", "--scope", SCOPES, "--category", "scope"]
            self.assertEqual(run(url, *target, "--report-json", good, env=env).returncode, 0)
            self.assertEqual(run(faulty_url, *target, "--report-json", bad, env=env).returncode, 1)
            self.valid(json.loads(pathlib.Path(good).read_text()))
            # The same target before and after a change: the two servers differ in their port alone.
            changed = json.loads(pathlib.Path(bad).read_text())
            changed["target"]["url"] = url
            after = self.write("after.json", json.dumps(changed))
            worse, better = run("--compare", good, after), run("--compare", after, good)
            self.assertEqual((worse.returncode, better.returncode), (1, 0))
            self.assertIn("regressions", worse.stdout)
            self.assertIn("scope.order_ab: fail -> pass", better.stdout)
            self.assertEqual(run("--compare", good, good).stdout, "no case differs\n")
            again = run(faulty_url, *target, "--replay", bad, env=env)
            self.assertEqual(again.returncode, 1)
            self.assertIn("0 passed", again.stdout)
            self.assertEqual(run(faulty_url, *target, "--replay", good, env=env).returncode, 5)
            differ = run(url, *target, "--reference", faulty_url, env=env)
            self.assertEqual(differ.returncode, 0)
            self.assertIn("scope.order_ab", differ.stdout)
            for index in ("0", "1"):
                shards.append(str(self.path / f"shard{index}.json"))
                run(
                    url,
                    *target,
                    "--report-json",
                    shards[-1],
                    env={**env, "GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": index},
                )
            merged = run("--merge-reports", *shards)
            self.assertEqual(merged.returncode, 0, merged.stderr)
            report = json.loads(merged.stdout)
            self.valid(report)
            self.assertEqual(
                report["summary"]["pass"],
                json.loads(pathlib.Path(good).read_text())["summary"]["pass"],
            )
            self.assertEqual(run("--merge-reports", good, bad).returncode, 2)  # another target
        finally:
            for one in (process, faulty):
                one.send_signal(signal.SIGTERM)
                one.wait(10)
                one.stdout.close()
        self.assertEqual(run("--compare", good, "/nowhere").returncode, 2)
        self.assertEqual(run("--compare", good, self.write("x.json", "{}")).returncode, 2)

    def test_a_target_that_is_starting_is_waited_for(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}/billing/oauth2/token"
        env = {"U": "s6BhdRkqt3:gX1fBat3bV"}
        self.assertEqual(run(url, "--user-env", "U", env=env).returncode, 3)
        late = threading.Timer(
            1, lambda: self.late.append(self.start_endpoint("--port", str(port))[0])
        )
        self.late = []
        late.start()
        done = run(
            url,
            "--user-env",
            "U",
            "--scope",
            SCOPES,
            "--category",
            "json",
            "--wait-for",
            "20",
            env=env,
        )
        late.join()
        self.late[0].send_signal(signal.SIGTERM)
        self.late[0].wait(10)
        self.late[0].stdout.close()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_cases_of_ones_own_are_checked(self):
        good = {
            "cases": [
                {"id": "x", "title": "A case", "clauses": ["RFC6749-5.2-12"], "response": "token"}
            ]
        }
        self.assertIn(
            "1 case, no mistake found",
            run("--check-cases", self.write("own.json", json.dumps(good))).stdout,
        )
        good["cases"][0]["answr"] = "token"
        done = run("--check-cases", self.write("own.json", json.dumps(good, indent=1)))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"own\.json:\d+: .*answr")

    def no_secret(self, *texts):
        for secret in SECRETS:
            spellings = {
                *spellings_of(secret),
                urllib.parse.quote(secret, safe=""),
                urllib.parse.quote_plus(secret),
            }
            for pair in ("s6BhdRkqt3:" + secret,):
                spellings.add(base64.b64encode(pair.encode()).decode().rstrip("="))
            for spelling in spellings:
                for text in texts:
                    self.assertNotIn(spelling, text)
        for text in texts:
            self.assertIsNone(
                re.search(r'access_token\\?"\s*:\s*\\?"(?!\[token\])[A-Za-z0-9_-]{20}', text)
            )

    def test_no_secret_in_any_artefact_of_a_run_full_of_failures(self):
        # Cases that cannot pass show every request and answer there is.
        cases = json.loads(run("--list=json").stdout)
        self.assertGreater(len(cases), 400)
        source = pathlib.Path(cases[0]["file"]).parent
        (self.path / "mine").mkdir()
        total = 0
        for file in source.glob("*.json"):
            data = json.loads(file.read_text())
            for case in data["cases"]:
                for step in [case] + case.get("steps", []):
                    for name in ("never", "warn", "info", "if", "strict", "checks"):
                        step.pop(name, None)
                    if "response" in step:
                        step["response"] = "418"
                total += 1
            (self.path / "mine" / ("mine_" + file.name)).write_text(json.dumps(data))
        names = {
            n: str(self.path / ("r." + n)) for n in ("json", "junit", "sarif", "html", "markdown")
        }
        summary = self.path / "summary.md"
        done = run(
            "--cases",
            str(self.path / "mine"),
            "--gtest_filter=mine_*",
            "-v",
            *[word for n, path in names.items() for word in ("--report-" + n, path)],
            env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)},
        )
        names["r.json"] = names["json"]
        names["summary"] = str(summary)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("\n::error file=", done.stdout)
        self.assertLess(summary.stat().st_size, 70_000)
        page = pathlib.Path(names["html"]).read_text()
        # The page's own script, and nothing that a target or a case could have opened.
        self.assertEqual(page.count("<script"), 1)
        self.assertNotIn(
            "src=",
            page.replace("default-src", "").replace("style-src", "").replace("script-src", ""),
        )
        sarif = json.loads(pathlib.Path(names["sarif"]).read_text())
        self.assertEqual(sarif["version"], "2.1.0")
        rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        for result in sarif["runs"][0]["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            self.assertGreaterEqual(
                result["locations"][0]["physicalLocation"]["region"]["startLine"], 1
            )
        self.valid(json.loads(pathlib.Path(names["json"]).read_text()))
        report = json.loads(pathlib.Path(names["r.json"]).read_text())
        self.assertGreater(report["summary"]["fail"], 200)
        plan = run("--plan").stdout
        self.no_secret(
            done.stdout + done.stderr, plan, *[pathlib.Path(p).read_text() for p in names.values()]
        )

    def test_no_artefact_holds_what_a_target_sends_back(self):
        secret = "Zq7#kP2vX9!mW4sR"
        echo = Echo(secret)
        self.addCleanup(echo.close)
        names = {
            n: str(self.path / ("e." + n)) for n in ("json", "junit", "sarif", "html", "markdown")
        }
        waivers = str(self.path / "waivers.json")
        options = [echo.url, "--user-env", "U", "--scope", "read", "-v", "--tier", "all", "-m", "3"]
        # Rows of tables are answered like the other cases, and each of them costs a search.
        options.append("--gtest_filter=-*.*.*")
        env = {"U": "client:" + secret, "GITHUB_ACTIONS": "true"}
        artefacts = []
        done = run(
            *options,
            "--waivers",
            waivers,
            "--update-waivers",
            *[w for n, path in names.items() for w in ("--report-" + n, path)],
            env=env,
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        profile = run(*options[:5], "--write-profile", str(self.path / "learned.json"), env=env)
        artefacts += [done.stdout, done.stderr, profile.stdout, profile.stderr]
        artefacts += [
            pathlib.Path(p).read_text()
            for p in [*names.values(), waivers, self.path / "learned.json"]
        ]
        self.assertGreater(echo.asked, 400)
        self.assertGreater(len(echo.tokens), 100)
        text = "\n".join(artefacts)
        self.assertIn("[secret]", text)
        self.assertIn("[token]", text)
        for what in [secret, *echo.tokens[:40], *echo.tokens[40:-40:20], *echo.tokens[-40:]]:
            for spelling in spellings_of(what):
                # JSON and HTML write some characters in their own way.
                for written in {spelling, json.dumps(spelling)[1:-1], html.escape(spelling)}:
                    at = text.find(written)
                    self.assertEqual(at, -1, (what, written, text[max(0, at - 300) : at + 100]))
        for packed in ("\x1f\x8b", "\\u001f"):
            self.assertFalse(packed in text)

    def test_a_burst_of_server_errors_ends_the_run(self):
        echo = Echo("Zq7#kP2vX9!mW4sR", die_after=40)
        self.addCleanup(echo.close)
        report = self.path / "burst.json"
        done = run(
            echo.url,
            "--user-env",
            "U",
            "--scope",
            "read",
            "--report-json",
            str(report),
            env={"U": "client:Zq7#kP2vX9!mW4sR"},
        )
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertRegex(done.stdout, r"stopped early: .*; \d+ of \d+ cases were judged")
        self.assertLess(echo.asked, 150)
        self.assertGreater(json.loads(report.read_text())["summary"]["fail"], 0)

    def test_usage_errors_are_exit_2_and_one_sentence(self):
        bad_case = self.write(
            "bad.json", '{"cases": [\n {"id": "x", "title": "T", "clauses": ["NOPE-01"]}]}'
        )
        bad_profile = self.write("profile.json", '{\n "bse": "pyng"}')
        user = {"U": "a:b"}
        for arguments in (
            ["--no-such-option"],
            ["--gtest_fliter=x"],
            ["-gtest_fliter=x"],
            ["--gtestfilter=x"],
            ["example.org/token", "--user-env", "U"],
            ["http://127.0.0.1:1/t"],
            ["http://127.0.0.1:1/t", "--user-env", "NOT_SET"],
            ["http://127.0.0.1:1/t", "--user-env", "U", "--user-file", "x"],
            ["--cases", bad_case],
            ["--cases", "/nowhere.json"],
            ["--profile", bad_profile],
            ["--profile", "/nowhere.json"],
            ["--rate", "fast"],
            ["--parallel-max", "0"],
            ["--max-time", "-1"],
            ["--category", "nope"],
            ["--explain", "nope"],
            ["--level", "most"],
            ["--fail-on", "x"],
            ["--base", "x"],
            ["a", "b"],
        ):
            done = run(*arguments, env=user)
            self.assertEqual(done.returncode, 2, (arguments, done.stdout, done.stderr))
            self.assertTrue(done.stderr.startswith("grantspec: "), (arguments, done.stderr))
            self.assertEqual(done.stderr.count("\n"), 1, (arguments, done.stderr))
        self.assertIn("bad.json:2:", run("--cases", bad_case).stderr)
        self.assertIn("profile.json:2:", run("--profile", bad_profile).stderr)

    def test_a_report_that_cannot_be_written_is_told(self):
        done = run("--gtest_filter=grant_type.baseline", "--report-json", "/nowhere/r.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere/r.json", done.stderr)

    def test_a_profile_is_learned_and_can_be_read(self):
        process, url = self.start_endpoint("--fault", "form_repeat_first_wins")
        self.addCleanup(end, process)
        path = self.path / "learned.json"
        user = {"U": "s6BhdRkqt3:gX1fBat3bV"}
        options = ["--user-env", "U", "--scope", "billing:batches:read billing:customers:read"]
        done = run(url, *options, "--write-profile", str(path), env=user)
        self.assertEqual(done.returncode, 0, (done.stdout, done.stderr))
        self.assertNotIn("gX1fBat3bV", path.read_text() + done.stdout)
        switches = json.loads(path.read_text())["switches"]
        self.assertEqual(switches["scope.missing"]["is"], "required")
        self.assertEqual(switches["strict.repeat"]["is"], "off")
        self.assertIn("form_encoding.repeat_grant_equal", switches["strict.repeat"]["note"])
        self.assertEqual(switches["ct.json"]["is"], "refuse")
        # A profile is not written over; one that is read holds.
        self.assertEqual(run(url, *options, "--write-profile", str(path), env=user).returncode, 2)
        again = run(
            url,
            "--profile",
            str(path),
            "--gtest_filter=scope.omitted",
            env={"GRANTSPEC_SECRET": "gX1fBat3bV"},
        )
        self.assertEqual(again.returncode, 0, (again.stdout, again.stderr))
        common = run(
            url,
            *options,
            "--write-profile",
            str(self.path / "embedded.json"),
            env={"U": "a:billing"},
        )
        self.assertEqual(common.returncode, 2, common.stdout)
        self.assertEqual(run("--write-profile", str(self.path / "embedded.json")).returncode, 2)
        nobody = run(
            "http://127.0.0.1:1/t",
            *options,
            "--write-profile",
            str(self.path / "no.json"),
            env=user,
        )
        self.assertEqual(nobody.returncode, 3)
        self.assertFalse((self.path / "no.json").exists())

    def test_what_a_lawful_server_chose_is_learned(self):
        for variant, learned in {
            "scope_default_added": {"scope.additions": "reported", "scope.registry": "kept"},
            "scope_registry_none": {"scope.additions": "none", "scope.registry": "none"},
            "grant_is_unauthorized_client": {"grant.unknown": "either", "scope.additions": "none"},
            "waf_403": {"waf": "present", "scope.registry": "kept"},
        }.items():
            with self.subTest(variant):
                process, url = self.start_endpoint("--variant", variant)
                self.addCleanup(end, process)
                path = self.path / f"{variant}.json"
                scope = ["--scope", "billing:batches:read billing:customers:read"]
                user = {"U": "s6BhdRkqt3:gX1fBat3bV"}
                done = run(url, "--user-env", "U", *scope, "--write-profile", str(path), env=user)
                self.assertEqual(done.returncode, 0, (done.stdout, done.stderr))
                switches = json.loads(path.read_text())["switches"]
                got = {name: switches[name]["is"] for name in learned if name in switches}
                self.assertEqual(got, learned)
                self.assertLess(int(re.search(r"with (\d+) requests", done.stdout)[1]), 80)
                secret = {"GRANTSPEC_SECRET": "gX1fBat3bV"}
                again = run(url, "--profile", str(path), env=secret)
                # 5: what the firewall refused could not be judged.
                expected = 5 if variant == "waf_403" else 0
                self.assertEqual(again.returncode, expected, again.stdout[-1500:])

    def test_new_cases_are_told_and_not_scored(self):
        process, url = self.start_endpoint("--fault", "pair_cut_at_second_colon")
        self.addCleanup(end, process)
        command = [
            url,
            "--user-env",
            "U",
            "--scope",
            "billing:batches:read",
            "--gtest_filter=client_auth_basic.third_part",
        ]
        user = {"U": "s6BhdRkqt3:gX1fBat3bV"}
        self.assertEqual(run(*command, env=user).returncode, 1)
        held = run(*command, "--case-set", "2026.1", env=user)
        self.assertEqual(held.returncode, 0, held.stdout)
        self.assertIn("1 info", held.stdout)
        self.assertIn("not scored", held.stdout)
        for unknown in ("2099.1", "2025.9", "2026.01", "2026", "x"):
            self.assertEqual(run(*command, "--case-set", unknown, env=user).returncode, 2, unknown)
        # What is not scored neither wears a waiver out nor loses it.
        waivers = self.path / "waivers.json"
        run(*command, "--waivers", str(waivers), "--update-waivers", env=user)
        before = waivers.read_text()
        self.assertIn("third_part", before)
        kept = run(*command, "--case-set", "2026.1", "--waivers", str(waivers), env=user)
        self.assertEqual(kept.returncode, 0, kept.stdout)
        run(
            *command,
            "--case-set",
            "2026.1",
            "--waivers",
            str(waivers),
            "--update-waivers",
            env=user,
        )
        self.assertEqual(waivers.read_text(), before)

    def test_what_is_left_out_is_named_by_its_reason(self):
        safe = run("--tier", "safe").stdout
        self.assertRegex(safe, r"not run: .*, 0 deselected, [1-9]\d* in tier abuse: --tier all\n")
        self.assertRegex(run("--tier", "all").stdout, r"not run: .*, 0 deselected\n")
        one = run("--tier", "safe", "--category", "token").stdout
        self.assertRegex(one, r"not run: .*, [1-9]\d* deselected, 4 in tier abuse: --tier all\n")

    def test_nothing_selected_is_exit_5(self):
        for arguments in (
            ["--gtest_filter=nope.*"],
            ["--requirement", "RFC9999"],
            ["--gtest_filter=transport_tls.tls12_or_13"],
        ):
            done = run(*arguments)
            self.assertEqual(done.returncode, 5, (arguments, done.stdout))

    def test_a_target_that_cannot_be_judged_is_exit_3_with_a_report(self):
        servers = {
            "silent": Canned(b"", hold=True),
            "closes": Canned(b""),
            "garbage": Canned(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "html": Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
            "refuses": Canned(
                b'HTTP/1.1 401 Unauthorized\r\nContent-Length: 26\r\n\r\n{"error":"invalid_client"}'
            ),
        }
        try:
            urls = {name: server.url for name, server in servers.items()}
            urls["refused"] = "http://127.0.0.1:1/token"
            urls["no_tls"] = servers["html"].url.replace("http:", "https:")
            urls["no_host"] = "http://no-such-host.invalid/token"
            for name, url in urls.items():
                report = self.path / (name + ".json")
                junit = self.path / (name + ".xml")
                done = run(
                    url,
                    "--user-env",
                    "U",
                    "-m",
                    "1",
                    "--report-json",
                    str(report),
                    "--report-junit",
                    str(junit),
                    env={"U": "s6BhdRkqt3:gX1fBat3bV"},
                )
                self.assertEqual(done.returncode, 3, (name, done.stdout, done.stderr))
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertEqual(json.loads(report.read_text())["exit_code"], 3)
                self.assertEqual(len(ElementTree.parse(junit).getroot().findall(".//error")), 1)
                self.no_secret(done.stdout + done.stderr, report.read_text())
        finally:
            for server in servers.values():
                server.close()

    def test_looking_sends_nothing(self):
        self.assertIn("scope.unknown_only", run("--list").stdout)
        explained = run("--explain", "scope.unknown_only").stdout
        self.assertIn("RFC6749-5.2-12", explained)
        self.assertEqual(run("--explain", "sc-027-unknown-only").stdout, explained)
        plan = run(
            "http://127.0.0.1:1/t",
            "--user-env",
            "U",
            "--scope",
            "a b",
            "--plan",
            env={"U": "x:longsecret"},
        )
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertIn("tokens issued", plan.stdout)
        self.assertNotIn("longsecret", plan.stdout)
        self.assertEqual(run("--gtest_list_tests").returncode, 0)

    def test_a_run_is_read_by_causes(self):
        user = {"U": "s6BhdRkqt3:gX1fBat3bV", "COLUMNS": "80"}
        process, url = self.start_endpoint("--fault", "secret_never_checked")
        healthy, healthy_url = self.start_endpoint()
        report = str(self.path / "causes.json")
        target = ["--user-env", "U", "--scope", SCOPES]
        try:
            done = run(url, *target, "--report-json", report, env=user)
            self.assertEqual(done.returncode, 1)
            lines = done.stdout.splitlines()
            self.assertLess(len(lines), 120)
            first = next(i for i, line in enumerate(lines) if line.startswith("FAIL"))
            self.assertIn("The secret is not checked", lines[first])
            self.assertLessEqual(lines.index("", first) - first, 12)
            written = json.loads(pathlib.Path(report).read_text())
            self.valid(written)
            cause = written["causes"][0]
            self.assertIn("client_auth_basic.wrong_secret", cause["explains"])
            ids = {case["id"]: case.get("cause") for case in written["cases"]}
            self.assertTrue(all(ids[name] == cause["id"] for name in cause["explains"]))
            again = next(line for line in lines if line.startswith("     reproduce  "))
            command = again.removeprefix("     reproduce  ")
            pasted = subprocess.run(
                ["sh", "-c", command], capture_output=True, text=True, env={**os.environ, **user}
            )
            self.assertEqual(pasted.returncode, 1, pasted.stdout + pasted.stderr)
            for target_url, state, code in ((url, "still there", 1), (healthy_url, "gone", 0)):
                replay = run(
                    target_url, *target, "--replay", report, "--cause", cause["id"], env=user
                )
                self.assertIn(f"cause {cause['id']}: {state}", replay.stdout)
                self.assertEqual(replay.returncode, code, replay.stdout)
            for arguments in (["--cause", cause["id"]], ["--replay", report, "--cause", "0"]):
                self.assertEqual(run(url, *target, *arguments, env=user).returncode, 2)
            quiet = run(url, *target, "--category", "scope", "-q", env=user)
            self.assertEqual(len(quiet.stdout.splitlines()), 1, quiet.stdout)
            unreachable = run("http://127.0.0.1:9/token", "--user-env", "U", "-q", env=user)
            self.assertEqual((unreachable.returncode, unreachable.stdout), (3, ""))
            waived = self.write(
                "by_cause.json",
                json.dumps(
                    {
                        "waivers": [
                            {
                                "cause": one["id"],
                                "reason": "known",
                                "owner": "me",
                                "expires": "2099-01-01",
                            }
                            for one in written["causes"]
                        ]
                    }
                ),
            )
            done = run(url, *target, "--waivers", waived, env=user)
            self.assertEqual(done.returncode, 0, done.stdout[-2000:])
            green = run(healthy_url, *target, env=user)
            self.assertLess(len(green.stdout.splitlines()), 25, green.stdout)
        finally:
            for one in (process, healthy):
                one.send_signal(signal.SIGTERM)
                one.wait(10)
                one.stdout.close()

    def test_waivers_have_four_reds(self):
        process, url = self.start_endpoint("--fault", "expires_in_string")
        user = {"U": "s6BhdRkqt3:gX1fBat3bV"}
        common = [url, "--user-env", "U", "--scope", SCOPES]
        name = "json.expires_in_number"
        try:
            self.assertEqual(run(*common, env=user).returncode, 1)
            path = self.path / "w.json"
            run(*common, "--waivers", str(path), "--update-waivers", env=user)
            written = json.loads(path.read_text())["waivers"]
            self.assertIn(name, [w["case"] for w in written])
            waived = run(*common, "--waivers", str(path), env=user)
            self.assertEqual(waived.returncode, 0, waived.stdout[-1500:])
            self.assertNotIn(" 0 waived", waived.stdout)
            before = path.read_text()
            run(*common, "--waivers", str(path), "--update-waivers", env=user)
            self.assertEqual(path.read_text(), before)
            entry = next(w for w in written if w["case"] == name)
            rest = [w for w in written if w["case"] != name]
            for change, code, text in (
                ({"expires": "2020-01-01"}, 1, "ended on 2020-01-01"),
                ({"observed": "invalid_scope"}, 1, "fails with violated, not with invalid_scope"),
                ({"case": "no.such_case"}, 1, "no case is called no.such_case"),
            ):
                path.write_text(json.dumps({"waivers": rest + [dict(entry, **change)]}))
                done = run(*common, "--waivers", str(path), env=user)
                self.assertEqual(done.returncode, code)
                self.assertIn(text, done.stdout)
            path.write_text(
                json.dumps({"waivers": written + [dict(entry, case="scope.unknown_only")]})
            )
            stale = run(*common, "--waivers", str(path), env=user)
            self.assertEqual(stale.returncode, 4, stale.stdout[-800:])
            self.assertIn("scope.unknown_only passes now", stale.stdout)
            path.write_text('{"waivers": [{"case": "x"}]}')
            self.assertEqual(run(*common, "--waivers", str(path), env=user).returncode, 2)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
            process.stdout.close()

    def test_sharding_and_filters_are_honoured(self):
        first = run(
            "--category", "scope", env={"GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": "0"}
        )
        second = run(
            "--category", "scope", env={"GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": "1"}
        )
        passed = [
            int(re.search(r"(\d+) passed, 0 failed", r.stdout).group(1)) for r in (first, second)
        ]
        whole = run("--category", "scope")
        self.assertEqual(
            sum(passed), int(re.search(r"(\d+) passed, 0 failed", whole.stdout).group(1))
        )

    def test_environment_stands_behind_the_command_line(self):
        done = run("--gtest_filter=grant_type.baseline", env={"GRANTSPEC_FAIL_ON": "nonsense"})
        self.assertEqual(done.returncode, 2)
        done = run("--gtest_filter=grant_type.baseline", "--fail-on", "must")
        self.assertEqual(done.returncode, 0)

    def test_colour_is_for_those_who_want_it(self):
        self.assertNotIn("\x1b[", run("--category", "json").stdout)
        self.assertIn("\x1b[", run("--category", "json", env={"CLICOLOR_FORCE": "1"}).stdout)
        self.assertNotIn(
            "\x1b[", run("--category", "json", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}).stdout
        )

    def test_endpoint_command(self):
        self.assertEqual(subprocess.run([ENDPOINT, "--nope"], capture_output=True).returncode, 2)
        self.assertEqual(
            subprocess.run([ENDPOINT, "--clients", "/nowhere"], capture_output=True).returncode, 2
        )
        process, url = self.start_endpoint()
        try:
            port = urllib.parse.urlparse(url).port
            busy = subprocess.run([ENDPOINT, "--port", str(port)], capture_output=True, text=True)
            self.assertEqual(busy.returncode, 3)
            self.assertEqual(busy.stderr.count("\n"), 1)
        finally:
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(10), 0)
            process.stdout.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
