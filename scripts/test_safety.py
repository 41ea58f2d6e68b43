#!/usr/bin/env python3
"""Attacks the user of the suite, and searches for harm: clients locked out, credentials and tokens
sent where nobody asked for them. The channels are those of test_safety_channels.py.

usage: test_safety.py GRANTSPEC GRANTSPEC-ENDPOINT [GRANTSPEC-PROPERTIES]

What counts as harm is decided by this file and scripts/lib alone: the suite's own
code for it is on trial.
"""
import base64
import json
import re
import threading
import unittest
import urllib.parse

from lib import clients
from lib.clients import CLIENTS, MAIN, PROFILE_ROLES, READ, TARGET_OPTIONS, USER
from lib.programs import GRANTSPEC, PROPERTIES, run
from lib.relay import Relay
from lib.reports import verdicts
from lib.spellings import credentials_in, readings
from lib.target import Target, json_response, token_response
from lib.testing import ProgramTest, main


WATCHED = {role: CLIENTS[role] for role in PROFILE_ROLES}


def right_header(client):
    return f"Authorization: {client.basic}\r\n".encode()


class Lockout(Relay):
    """A relay in front of the endpoint that counts failed logins by client, wherever a request
    names one: in the header, in the body, in the query, malformed or not."""

    def __init__(self, endpoint, limit):
        self.limit, self.lock = limit, threading.Lock()
        self.in_a_row, self.most, self.locked = {}, {}, set()
        super().__init__(endpoint.port)
        self.url = f"http://127.0.0.1:{self.port}{endpoint.path}"

    def end(self, request, response):
        token = b"access_token" in response and b" 200 " in response[:16]
        rest = request
        rights = set()
        for role, client in WATCHED.items():
            if right_header(client) in rest:
                rights.add(role)
                rest = rest.replace(right_header(client), b"")
        rest = re.sub(
            rb"Authorization: (Bearer|DPoP) [^\r]*|access_token=[^& \r]*|X-Request-Id: [^\r]*",
            b"",
            rest,
        )
        texts = readings(rest)
        with self.lock:
            for role, (name, _) in WATCHED.items():
                if any(name.lower().encode() in text for text in texts):
                    if token:
                        continue
                    self.in_a_row[role] = self.in_a_row.get(role, 0) + 1
                    self.most[role] = max(self.most.get(role, 0), self.in_a_row[role])
                    if self.in_a_row[role] >= self.limit:
                        self.locked.add(role)
                elif role in rights and token and role not in self.locked:
                    self.in_a_row[role] = 0


def granting(token="t0ken-that-is-long-enough-for-this"):
    """Grants a token to the main client, whatever it asks for."""

    def respond(request):
        if request.headers.get("Authorization") == MAIN.basic:
            return token_response(token, scope=READ)
        return json_response({"error": "invalid_client"}, 401)

    return respond


# Two ways in which a case of the user's own could send a token to another place.
ELSE = {"change": {"target": "/other", "fields": {"X-Token": "{{token.token}}"}}}
RAW = {"raw": "GET /other HTTP/1.1\r\nHost: x\r\nX-Token: {{token.token}}\r\n\r\n"}


def elsewhere(name, request):
    use = {"name": "use", "at": "resource", "response": "401", **request}
    steps = [{"name": "token", "response": "token"}, use]
    return {"id": name, "title": "Elsewhere", "clauses": ["PYNG-21"], "steps": steps}


# What the suite sends to a resource without a token of the target; Basic would name a client.
SCHEMES_OF_NOBODY = ("bearer", "digest", "negotiate", "ntlm", "aws4-hmac-sha256", "anonymous")


class Safety(ProgramTest):
    def profile(self, url, **more):
        profile, secrets = clients.profile(url, **more)
        return self.write("profile.json", profile), secrets

    def test_no_client_is_locked_out(self):
        for limit in (3, 5, 10):
            for arguments in (["--tier", "all"], []):
                lockout = self.kept(Lockout(self.endpoint(), limit))
                profile, secrets = self.profile(lockout.url)
                done = run("--profile", profile, *arguments, env=secrets)
                self.assertEqual(lockout.locked, set(), (limit, lockout.most))
                self.assertLessEqual(max(lockout.most.values()), 2)
                self.assertIn(done.returncode, (0, 1, 5), done.stdout[-2000:])
                self.assertRegex(done.stdout, r"\d{3,4} passed")

    @unittest.skipUnless(PROPERTIES, "no grantspec-properties was given")
    def test_laws_lock_no_client_out(self):
        lockout = self.kept(Lockout(self.endpoint(), 3))
        profile, secrets = self.profile(lockout.url)
        done = run("--profile", profile, "--fuzz", "200", program=PROPERTIES, env=secrets)
        self.assertEqual(lockout.locked, set(), lockout.most)
        self.assertIn(done.returncode, (0, 1), done.stdout[-2000:])

    def test_the_smallest_guard_holds(self):
        lockout = self.kept(Lockout(self.endpoint(), 2))
        profile, secrets = self.profile(lockout.url)
        run("--profile", profile, "--max-failed-logins", "1", env=secrets)
        self.assertEqual(lockout.locked, set(), lockout.most)

    def test_waiting_sends_no_credentials(self):
        def respond(request):
            if request.number <= 3:
                return json_response({}, (503, 404, 502)[request.number - 1])
            return json_response({"error": "invalid_client"}, 401)

        options = (*TARGET_OPTIONS, "--wait-for", "20", "-H", "X-Api-Key: k3y-of-a-gateway")
        for program in filter(None, (GRANTSPEC, PROPERTIES)):
            target = self.kept(Target(respond))
            done = run(target.url, *options, program=program, env=USER)
            self.assertEqual(done.returncode, 3, done.stdout)
            logins = [r for r in target.requests if "Authorization" in r.headers]
            self.assertEqual(len(logins), 1)
            self.assertGreaterEqual(len(target.requests), 5)
            for request in target.requests[:4]:
                head = json.dumps([request.path, request.headers.items()])
                self.assertEqual(credentials_in(head.encode() + request.body), [])
                self.assertNotIn("X-Api-Key", request.headers)

    def test_a_target_that_never_gets_ready_hears_of_no_client(self):
        target = self.kept(Target(json_response({}, 503)))
        done = run(target.url, *TARGET_OPTIONS, "--wait-for", "1", env=USER)
        self.assertEqual(done.returncode, 3)
        self.assertIn("not ready after 1 s: status 503", done.stderr)
        self.assertFalse([r for r in target.requests if "Authorization" in r.headers])

    def test_a_firewall_is_asked_without_credentials(self):
        main_client = CLIENTS["main"]

        def respond(request):
            login = (request.headers.get("Authorization") or "").partition(" ")[2]
            pair = base64.b64decode(re.sub("[^A-Za-z0-9+/]", "", login) + "==")
            text = pair + urllib.parse.unquote_to_bytes(request.path)
            if b"' OR " in text or b"\0" in text:
                return b""
            if request.method == "GET":
                return json_response({}, 404)
            if request.headers.get("Authorization") != main_client.basic:
                return json_response({"error": "invalid_client"}, 401)
            return token_response()

        target = self.kept(Target(respond))
        run(target.url, *TARGET_OPTIONS, "--category", "client_auth_basic", env=USER)
        asked = [r.path for r in target.requests if "/note?text=" in r.path]
        self.assertGreater(len(asked), 2)
        secret = main_client.secret
        parts = [secret[i : i + 8] for i in range(len(secret) - 7)]
        for path in asked:
            self.assertEqual(credentials_in(path.encode()), [])
            self.assertFalse([p for p in parts if p in urllib.parse.unquote(path)], path)

    def test_tokens_that_would_split_a_request_are_not_sent_on(self):
        for bad in (
            "abc\r\nX-Forged: 1",
            "abc\nHost: evil",
            "a b",
            "tok\u00e9n",
            "a\0b",
            "\r\n\r\nGET /x HTTP/1.1",
        ):
            resource = self.kept(Target(json_response({}, 401)))
            target = self.kept(Target(granting(bad)))
            place = {"url": f"http://127.0.0.1:{resource.port}/api/sites/a/x", "site": "a"}
            profile, secrets = self.profile(target.url, resource=place)
            report = self.path / "r.json"
            options = ("--category", "bearer_use,token", "--report-json", report)
            done = run("--profile", profile, *options, env=secrets)
            self.assertEqual(done.returncode, 1, done.stdout[-1000:])
            for request in resource.requests:
                self.assertNotIn("X-Forged", request.headers)
                login = request.headers.get("Authorization", "")
                if login:
                    path = urllib.parse.urlparse(request.path).path
                    self.assertEqual(path, "/api/sites/a/x")
                    self.assertIn(login.split()[0].lower(), SCHEMES_OF_NOBODY)
                sent = request.path + login.replace("Bearer abc", "")
                for part in bad.split():
                    if len(part) > 2:
                        self.assertNotIn(part, sent)
            result = verdicts(self.read(report))
            self.assertEqual(result["token.charset_b64token"], "fail")
            self.assertEqual(result["bearer_use.truncated"], "fail")

    def test_tokens_go_to_named_urls_only(self):
        token = "t0ken-that-is-long-enough-for-this"
        resource = self.kept(Target(json_response({}, 401)))
        target = self.kept(Target(granting(token)))
        root = f"http://127.0.0.1:{resource.port}"
        own = self.write("own.json", {"cases": [elsewhere("else", ELSE), elsewhere("raw", RAW)]})
        for more, allowed in (
            ({}, {"/prefix/sites/a/x"}),
            ({"site": "a"}, {"/prefix/sites/a/x", "/prefix/sites/no-such-site/x"}),
        ):
            place = {"url": root + "/prefix/sites/a/x", **more}
            profile, secrets = self.profile(target.url, resource=place)
            resource.requests.clear()
            options = ("--cases", own, "--category", "bearer_use,own")
            run("--profile", profile, *options, env=secrets)
            carrying = [
                one.path
                for one in resource.requests
                if token[:20] in str(one.headers.items()) + one.path
            ]
            self.assertGreater(len(carrying), 0)
            self.assertEqual({urllib.parse.urlparse(p).path for p in carrying} - allowed, set())


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
