#!/usr/bin/env python3
"""No secret in what the command writes: of runs full of failures, and of targets that send secrets
back.

usage: test_command_secrets.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import gzip
import json
import pathlib
import re
import secrets
import zlib

from lib import reports
from lib.clients import CLIENTS, MAIN, Client
from lib.programs import run
from lib.spellings import as_written, common_spellings
from lib.target import Response, Target, is_control, token_response
from lib.testing import ProgramTest, main

CLIENT = Client("client", "Zq7#kP2vX9!mW4sR")
FIXTURE_ROLES = ("main", "pad1", "pad2", "b64url", "read_only", "suspended")


class Echo(Target):
    """A target that grants tokens and, for everything but the control request, sends secrets and
    the tokens of the whole run back, in every encoding and in every header field that there is."""

    def __init__(self, client, dies_after=0):
        self.client, self.tokens, self.dies_after = client, [], dies_after
        super().__init__(self.respond_to)

    def spellings(self):
        values = (self.client.secret, *self.tokens[-3:], *self.tokens[:2])
        return [spelling for value in values for spelling in common_spellings(value)]

    def respond_to(self, request):
        if self.dies_after and request.number > self.dies_after:
            return Response(500, b"{}", reason=self.client.secret)
        if is_control(request, self.client):
            self.tokens.append(secrets.token_urlsafe(32))
            return token_response(self.tokens[-1])
        spellings, secret = self.spellings(), self.client.secret
        text = " ".join(spellings)
        fields = [(f"X-Echo-{i}", s) for i, s in enumerate(spellings)]
        if self.tokens:
            fields += [
                ("Location", f"https://x.invalid/cb#access_token={self.tokens[-1]}&a=b"),
                ("X-Auth", self.tokens[0]),
            ]
        # Tokens that are in no successful response. The response to a malformed request may not be
        # read, and a token that the command never received cannot be known to it.
        for name in ("Location", "X-Other") if request.method else ():
            self.tokens.append(secrets.token_urlsafe(24))
            fragment = f"access_token={self.tokens[-1]}"
            fields.append((name, f"https://x.invalid/#{fragment}&{fragment}"))
        fields += [
            ("WWW-Authenticate", f'Basic realm="{secret}"'),
            ("Server", secret),
            ("Set-Cookie", text[:2000]),
            ("Content-Type", "application/json"),
        ]
        members = {"error": "invalid_client " + secret, "error_description": text}
        body = json.dumps({**members, secret: text, "scope": text}).encode()
        number = request.number
        if number % 2:
            body = gzip.compress(body) if number % 4 == 1 else zlib.compress(body)
            if number % 8 > 4:
                fields.append(("Content-Encoding", "gzip"))
        return Response(401 if number % 5 else 200, body, fields, reason=secret)


class Secrets(ProgramTest):
    def no_secret(self, *texts):
        for role in FIXTURE_ROLES:
            for spelling in common_spellings(CLIENTS[role].secret, MAIN.id):
                for text in texts:
                    self.assertNotIn(spelling, text)
        for text in texts:
            self.assertIsNone(
                re.search(r'access_token\\?"\s*:\s*\\?"(?!\[token\])[A-Za-z0-9_-]{20}', text)
            )

    def test_no_secret_in_any_artefact_of_a_run_full_of_failures(self):
        # Cases that cannot pass show every request and response there is.
        cases = json.loads(run("--list=json").stdout)
        self.assertGreater(len(cases), 400)
        (self.path / "mine").mkdir()
        for file in pathlib.Path(cases[0]["file"]).parent.glob("*.json"):
            data = reports.read(file)
            for case in data["cases"]:
                for step in [case] + case.get("steps", []):
                    for name in ("never", "warn", "info", "if", "strict", "checks"):
                        step.pop(name, None)
                    if "response" in step:
                        step["response"] = "418"
            self.write("mine/mine_" + file.name, data)
        options, paths = reports.report_options(self.path)
        summary = self.path / "summary.md"
        done = run(
            *("--cases", self.path / "mine", "--gtest_filter=mine_*", "-v", *options),
            env={"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)},
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("\n::error file=", done.stdout)
        self.assertLess(summary.stat().st_size, 70_000)
        page = paths["html"].read_text()
        # The page's own script, and nothing that a target or a case could have opened.
        self.assertEqual(page.count("<script"), 1)
        self.assertNotIn("src=", re.sub("(default|style|script)-src", "", page))
        sarif = self.read(paths["sarif"])
        self.assertEqual(sarif["version"], "2.1.0")
        rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        for result in sarif["runs"][0]["results"]:
            self.assertEqual(rules[result["ruleIndex"]]["id"], result["ruleId"])
            region = result["locations"][0]["physicalLocation"]["region"]
            self.assertGreaterEqual(region["startLine"], 1)
        report = self.read(paths["json"])
        reports.validate(report)
        self.assertGreater(report["summary"]["fail"], 200)
        texts = [path.read_text() for path in (*paths.values(), summary)]
        self.no_secret(done.stdout + done.stderr, run("--plan").stdout, *texts)

    def test_no_artefact_holds_what_a_target_sends_back(self):
        echo = self.kept(Echo(CLIENT))
        reports_asked, paths = reports.report_options(self.path, name="e")
        paths |= {name: self.path / f"{name}.json" for name in ("waivers", "learned")}
        target = (echo.url, "--user-env", "U", "--scope", "read")
        env = {"U": CLIENT.pair, "GITHUB_ACTIONS": "true"}
        done = run(
            *(*target, "-v", "--tier", "all", "-m", "3"),
            # Rows of tables get responses like the other cases, and each of them costs a search.
            "--gtest_filter=-*.*.*",
            *("--waivers", paths["waivers"], "--update-waivers", *reports_asked),
            env=env,
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        profile = run(*target, "--write-profile", paths["learned"], env=env)
        artefacts = [done.stdout, done.stderr, profile.stdout, profile.stderr]
        artefacts += [path.read_text() for path in paths.values()]
        self.assertGreater(len(echo.requests), 400)
        self.assertGreater(len(echo.tokens), 100)
        text = "\n".join(artefacts)
        self.assertIn("[secret]", text)
        self.assertIn("[token]", text)
        some = [*echo.tokens[:40], *echo.tokens[40:-40:20], *echo.tokens[-40:]]
        for what in [CLIENT.secret, *some]:
            for spelling in common_spellings(what):
                for written in as_written(spelling):
                    at = text.find(written)
                    self.assertEqual(at, -1, (what, written, text[max(0, at - 300) : at + 100]))
        for packed in ("\x1f\x8b", "\\u001f"):
            self.assertFalse(packed in text)

    def test_a_burst_of_server_errors_ends_the_run(self):
        echo = self.kept(Echo(CLIENT, dies_after=40))
        report = self.path / "burst.json"
        options = ("--user-env", "U", "--scope", "read", "--report-json", report)
        done = run(echo.url, *options, env={"U": CLIENT.pair})
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertRegex(done.stdout, r"stopped early: .*; \d+ of \d+ cases were judged")
        self.assertLess(len(echo.requests), 150)
        self.assertGreater(self.read(report)["summary"]["fail"], 0)


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
