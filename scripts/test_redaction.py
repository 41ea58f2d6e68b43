#!/usr/bin/env python3
"""No artefact of a run contains a secret or a token, however and wherever a target sends it back.

usage: test_redaction.py GRANTSPEC [GRANTSPEC-PROPERTIES]

The spellings are those of scripts/lib: nothing is shared with the program that is tested.
"""
import base64
import html
import itertools
import json
import re
import secrets
import threading
import unicodedata
import urllib.parse

from lib.clients import Client
from lib.programs import GRANTSPEC, PROPERTIES, run
from lib.reports import report_options
from lib.spellings import all_spellings, as_written
from lib.target import Response, Target, is_control, json_response, token_response
from lib.testing import ProgramTest, main

CLIENT = Client("client", "Zq7#kP2vX9!mW4sR")
KEY = "Kc4Tw8Lq1Nz6Rv3B"  # of a gateway
BEGIN = 8  # characters of a spelling: a shorter part of a secret may be a word


def alphanumeric(text):
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFD", text).lower())


def readings(text):
    """The text as it is, and with its escapes read, layer by layer."""
    yield text
    for _ in range(3):
        new = urllib.parse.unquote(html.unescape(text), errors="replace")
        new = re.sub(r"\\+u\{?00([0-9a-fA-F]{2})\}?", lambda m: chr(int(m[1], 16)), new)
        new = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), new)
        new = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8) % 256), new)
        if new == text:
            return
        text = new
        yield text


class Artefact:
    """One text that a run wrote, read in several ways once, and searched for many values."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.readings = list(readings(text))
        self.plain = [alphanumeric(r) for r in self.readings]
        self.hexes = [re.sub(r"[^0-9a-f]", "", re.sub("0x", "", r.lower())) for r in self.readings]
        self.numbers = ["," + ",".join(re.findall(r"\d+", r)) + "," for r in self.readings]
        self.decoded = []
        for chunk in set(re.findall(r"[A-Za-z0-9+/_-]{12,}", text)):
            for start in range(4):
                part = chunk[start:].replace("-", "+").replace("_", "/")
                part = part[: len(part) // 4 * 4]
                self.decoded.append(base64.b64decode(part, validate=False))
        self.decoded = b"\n".join(self.decoded)

    def found(self, spelled):
        """Where the artefact has each value that it contains in one of its spellings."""
        # Most spellings are ruled out by how they begin, without a search through the text.
        begins = {self.text[at : at + BEGIN] for at in range(len(self.text) - BEGIN + 1)}
        for value, spellings in spelled.items():
            if where := self.holds(value, spellings, begins):
                yield where

    def holds(self, value, spellings, begins):
        """Where the artefact has the value in one of its spellings, or nothing."""
        # All JWTs begin alike; the suite's own requests have some.
        least = 32 if value.startswith("eyJ") else BEGIN
        for spelling in spellings:
            if len(spelling) < least:
                continue
            for written in as_written(spelling):
                begin = written[:BEGIN]
                if (len(begin) < BEGIN or begin in begins) and written in self.text:
                    return written
        start, raw = alphanumeric(value)[:least], value.encode()
        for plain in self.plain if len(start) == least else ():
            if start in plain:
                return "letters: " + plain[max(0, plain.index(start) - 30) :][:60]
        if any(raw[:least].hex() in digits for digits in self.hexes):
            return "hexadecimal"
        decimal = "," + ",".join(str(b) for b in raw[:least]) + ","
        if any(decimal in numbers for numbers in self.numbers):
            return "decimal"
        return "base64" if raw[: least + 2] in self.decoded else None


class EchoTarget(Target):
    """Grants tokens to the control request; everything else gets secrets and tokens back, in all
    spellings by turns, and in all places."""

    def __init__(self, client, extra=None):
        self.client, self.extra, self.tokens, self.sent = client, extra, [], set()
        self.turns, self.lock = itertools.count(), threading.Lock()
        super().__init__(self.respond_to)

    def respond_to(self, request):
        if is_control(request, self.client):
            token = secrets.token_urlsafe(32)
            with self.lock:
                self.tokens.append(token)
            return token_response(token)
        turn = next(self.turns)
        # The first tokens again and again, so that each is sent in many ways; and the last one.
        values = [self.client.secret, *self.tokens[turn % 4 : turn % 4 + 1], *self.tokens[-1:]]
        values += [self.extra] if self.extra else []
        sent = []
        for value in values:
            ways = all_spellings(value)
            with self.lock:
                self.sent.update((value, (turn * 7 + i) % len(ways)) for i in range(7))
            sent += [ways[(turn * 7 + i) % len(ways)] for i in range(7)]
        return self.echo(turn, sent, request.method)

    def echo(self, turn, sent, method):
        one, text = sent[turn % len(sent)], " | ".join(sent)
        names = re.sub(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]", "", one) or "x"
        challenge = one.replace('"', "'")
        nested = {"error": "invalid_request", "error_description": text}
        nested |= {one: [sent], "nested": {"x": sent}}
        flat = json.dumps({"error": one, "accessToken": sent[-1]}, ensure_ascii=False)
        bodies = (
            ("application/json", json.dumps(nested)),
            ("application/json", flat),
            ("text/xml", f"<error at='{one}'><d>{html.escape(text)}</d><!-- {text} --></error>"),
            ("text/html", f'<p title="{one}">{text}</p>'),
            ("text/plain", text),
            ("application/x-www-form-urlencoded", urllib.parse.urlencode({"error": text})),
        )
        kind, body = bodies[turn % len(bodies)]
        fields = [
            ("X-" + names, one),
            ("WWW-Authenticate", f'Basic realm="{challenge}"'),
            ("Location", "https://x.invalid/cb?code=" + one + "#access_token=" + one),
            ("Set-Cookie", "sid=" + one + "; Path=/"),
            ("Server", one),
            ("X-All", text),
            ("Retry-After", "0"),
            ("Content-Type", kind),
        ]
        status = (400, 401, 403, 200, 500, 302)[turn // len(bodies) % 6]
        late = [("X-Late", text)] if turn % 3 == 0 and method != "HEAD" else ()
        return Response(status, body.encode("utf-8", "surrogateescape"), fields, one, late)


def jwt():
    parts = [
        json.dumps(p).encode()
        for p in ({"alg": "RS256", "typ": "at+jwt"}, {"sub": "client", "jti": secrets.token_hex(8)})
    ]
    return ".".join(
        base64.urlsafe_b64encode(p).decode().rstrip("=") for p in [*parts, secrets.token_bytes(64)]
    )


# Shapes in which a success may contain a token that is not read there.
SHAPES = {
    "renamed": ("application/json", '{"accessToken":"%s","tokenType":"Bearer"}'),
    "nested": ("application/json", '{"data":{"token":"%s"}}'),
    "deep": ("application/json", '{"a":{"b":[{"c":"%s"}]}}'),
    "other_name": ("application/json", '{"t":"%s","expires_in":60}'),
    "array": ("application/json", '["%s"]'),
    "array_of_objects": ("application/json", '[{"access_token":"%s"}]'),
    "token_in_array": ("application/json", '{"access_token":["%s"]}'),
    "token_is_object": ("application/json", '{"access_token":{"value":"%s"}}'),
    "string": ("application/json", '"%s"'),
    "name": ("application/json", '{"%s":true}'),
    "json_in_json": ("application/json", '{"body":"{\\"access_token\\":\\"%s\\"}"}'),
    "single_quotes": ("text/plain", "{'access_token':'%s'}"),
    "no_quotes": ("text/plain", "{access_token:%s}"),
    "broken": ("application/json", '{"access_token":"%s","expires_in":'),
    "trailing": ("application/json", '{"x":1} {"access_token":"%s"}'),
    "bare": ("text/plain", "%s"),
    "bearer": ("text/plain", "Bearer %s"),
    "form": ("application/x-www-form-urlencoded", "access_token=%s&token_type=bearer"),
    "xml": ("application/xml", "<r><access_token>%s</access_token></r>"),
    "xml_attribute": ("application/xml", '<r token="%s"/>'),
    "html": ("text/html", '<html><input name="token" value="%s"></html>'),
    "script": ("text/html", "<script>location='#access_token=%s'</script>"),
    "yaml": ("application/yaml", "access_token: %s\n"),
    "csv": ("text/csv", "token\n%s\n"),
    "media_type": ("text/%s", "{}"),
    "no_type": (None, "%s"),
}


def shaped(name, token, status, more=()):
    """A response with a token in one of the shapes, and in header fields."""
    kind, body = SHAPES[name]
    fields = [("Content-Type", kind.replace("%s", token))] if kind else []
    fields += [("Set-Cookie", "s=" + token), ("X-Thing", token), ("Location", "/#t=" + token)]
    return Response(status, body.replace("%s", token).encode(), [*fields, *more], token)


class Redaction(ProgramTest):
    def run_program(self, program, url, secret, *arguments, name="r"):
        """Runs a program with all reports there are; returns the run and its artefacts."""
        options, files = report_options(self.path, name=name)
        history = self.path / (name + ".history")
        files |= {n: self.path / f"{name}.{n}" for n in ("summary", "badge")}
        files["history"] = history / "history.jsonl"
        options += ["--badge", files["badge"], "--history", history]
        if program == GRANTSPEC and "--write-profile" not in arguments:
            files["statement"] = self.path / (name + ".statement")
            options += ["--statement", files["statement"]]
        done = run(
            *(url, "--user-env", "U", "--scope", "read", "-m", "3", *options, *arguments),
            program=program,
            env={
                "U": "client:" + secret,
                "GITHUB_ACTIONS": "true",
                "GITHUB_STEP_SUMMARY": str(files["summary"]),
            },
            errors="surrogateescape",
        )
        outputs = [Artefact("stdout", done.stdout), Artefact("stderr", done.stderr)]
        return done, [*outputs, *self.artefacts(files)]

    def artefacts(self, files):
        return [
            Artefact(name, path.read_bytes().decode(errors="surrogateescape"))
            for name, path in files.items()
            if path.exists()
        ]

    def nothing_of(self, artefacts, values):
        found = []
        spelled = {value: all_spellings(value) for value in values}
        for artefact in artefacts:
            for where in artefact.found(spelled):
                at = artefact.text.find(where)
                found.append((artefact.name, where, artefact.text[max(0, at - 60) : at + 60]))
        self.assertEqual(found[:5], [], f"{len(found)} found")

    def echoed(self, secret):
        target = self.kept(EchoTarget(Client("client", secret), extra=KEY))
        written = {name: self.path / f"{name}.json" for name in ("waivers", "learned")}
        header = ("-H", "X-Api-Key: Token " + KEY)
        done, artefacts = self.run_program(
            *(GRANTSPEC, target.url, secret, "-v", "--tier", "all", *header),
            "--gtest_filter=-*.*.*",  # rows of tables get responses like the other cases
            *("--max-requests", "1200", "--waivers", written["waivers"], "--update-waivers"),
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        more = [(GRANTSPEC, ("--write-profile", written["learned"])), (GRANTSPEC, ("--plan",))]
        more += [(PROPERTIES, ())] if PROPERTIES else []
        for number, (program, options) in enumerate(more):
            command = (program, target.url, secret, *options, *header)
            artefacts += self.run_program(*command, name=f"more{number}")[1]
        artefacts += self.artefacts(written)
        ways = len(all_spellings(secret))
        self.assertGreaterEqual(ways, 60)
        self.assertEqual(len({w for v, w in target.sent if v == secret}), ways)
        self.assertGreater(len(target.tokens), 20)
        text = "\n".join(a.text for a in artefacts)
        self.assertIn("[secret]", text)
        self.assertIn("[token]", text)
        some = [*target.tokens[:10], *target.tokens[-10:]]
        self.nothing_of(artefacts, [secret, KEY, *some])

    def test_spellings_of_a_secret(self):
        self.echoed(CLIENT.secret)

    def test_spellings_of_a_secret_with_marks(self):
        self.echoed("Zq7kP2vX\u00e9'9&mW4sR")

    def test_what_fails_once_and_is_tolerated_then(self):
        received, lock = itertools.count(), threading.Lock()

        def respond(request):
            if request.version != "HTTP/1.0":
                return token_response(secrets.token_hex(20))
            with lock:
                first = next(received) == 0
            refusal = {"error": "invalid_client", "error_description": "not with " + KEY}
            return json_response({} if first else refusal, 302 if first else 426)

        target = self.kept(Target(respond))
        done, artefacts = self.run_program(
            *(GRANTSPEC, target.url, "a-secret-of-its-own", "-v"),
            *("-H", "X-Api-Key: Token " + KEY, "--gtest_filter=http_framing.http_1_0"),
        )
        self.assertIn("failed once and not again", done.stdout)
        self.nothing_of(artefacts, [KEY])

    def test_shapes_of_the_control_response(self):
        self.assertGreaterEqual(len(SHAPES), 17)
        for turn, name in enumerate(SHAPES):
            token = jwt() if turn % 2 else secrets.token_urlsafe(24)
            fields = [(token[:24], "x"), ("Server", token)]
            target = self.kept(Target(shaped(name, token, 200, fields)))
            some = "--gtest_filter=success_response.*:json.*:error_response.*"
            done, artefacts = self.run_program(GRANTSPEC, target.url, CLIENT.secret, some)
            # Another page ends the run; a token response with a defect is judged.
            self.assertIn(done.returncode, (1, 3), name)
            with self.subTest(name):
                self.assertRegex(
                    artefacts[0].text + artefacts[1].text,
                    r"no token: (200, \d+ bytes? (of|without) |an HTML page)"
                    r"|the control request got no valid token response",
                )
                self.nothing_of(artefacts, [token])

    def test_shapes_of_other_responses(self):
        tokens, turns, names = [], itertools.count(), list(SHAPES)
        seen = set()

        def respond(request):
            if is_control(request, CLIENT):
                return token_response()
            turn = next(turns)
            seen.add(turn % len(names))
            token = jwt() if turn % 3 == 0 else secrets.token_urlsafe(24)
            tokens.append(token)
            status = (200, 201, 206)[turn // len(names) % 3]
            return shaped(names[turn % len(names)], token, status)

        target = self.kept(Target(respond))
        done, artefacts = self.run_program(GRANTSPEC, target.url, CLIENT.secret, "-v")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(seen), len(SHAPES))
        self.nothing_of(artefacts, tokens[:150])

    def test_short_secrets_leave_words_alone(self):
        for secret in ("client", "scope", "q7"):
            target = self.kept(EchoTarget(Client("client", secret)))
            options = ("-v", "--category", "scope")
            done, artefacts = self.run_program(GRANTSPEC, target.url, secret, *options)
            self.assertIn("is shorter than 8 characters", artefacts[0].text)
            report = self.read("r.json")
            self.assertIn("scope.unknown_only", [case["id"] for case in report["cases"]])
            for artefact in artefacts:
                for broken in ("invalid_[secret]", "[secret]_", "scope.[secret]", "[secret].unk"):
                    self.assertNotIn(broken, artefact.text.replace("[secret]_all", ""))
            self.assertIn(done.returncode, (0, 1, 5), done.stderr)

    def test_prose_teaches_no_tokens(self):
        prose = "not allowed to use the refresh_token grant_type"

        def respond(request):
            if is_control(request, CLIENT):
                return token_response()
            refusal = {"error": "invalid_request", "error_description": prose}
            return json_response(refusal, 400, [("X-Why", prose)])

        target = self.kept(Target(respond))
        _, artefacts = self.run_program(GRANTSPEC, target.url, CLIENT.secret, "-v")
        for artefact in artefacts:
            self.assertNotIn("[token]=", artefact.text)
            self.assertNotIn("refresh_token [token]", artefact.text)
        self.assertIn("grant_type=client_credentials", artefacts[0].text)

    def test_no_commands_to_runners(self):
        spaces = [
            chr(c)
            for c in range(0x10000)
            if chr(c).isspace() or c in (0x85, 0x180E, 0x200B, 0xFEFF, 0xAD, 0x2060)
        ]
        turns = itertools.count()

        def respond(request):
            if is_control(request, CLIENT):
                return token_response()
            some = [spaces[next(turns) % len(spaces)] for _ in range(4)]
            text = body = "\n".join(f"{s}::error::injected" for s in some)
            if next(turns) % 2:
                body = json.dumps({"error": text, "error_description": text})
            fields = [
                ("X-A", some[1] + "::error::injected"),
                ("Server", text),
                ("X-B", "##vso[x] ##VSO[y] ##[error]z"),
            ]
            return Response(400, body.encode(), fields, some[0] + "::error::injected")

        target = self.kept(Target(respond))
        _, artefacts = self.run_program(GRANTSPEC, target.url, CLIENT.secret, "-v")
        blank = "".join(spaces)
        for artefact in artefacts:
            if artefact.name in ("stdout", "stderr", "summary", "markdown"):
                for line in re.split("[\n\r\v\f\x85\u2028\u2029]", artefact.text):
                    line = re.sub(r"\x1b\[\d*m", "", line).lstrip(blank)
                    if not line.startswith("::error file=") and not line.startswith(
                        "::error title=grantspec::"
                    ):
                        self.assertFalse(line.startswith("::"), (artefact.name, line))
                self.assertIsNone(re.search(r"##(\[|[a-zA-Z]+\[)", artefact.text))


if __name__ == "__main__":
    main("grantspec")
