#!/usr/bin/env python3
"""No artefact of a run holds a secret or a token, however and wherever a target sends it back.

usage: test_redaction.py GRANTSPEC [GRANTSPEC-PROPERTIES]

What is a spelling is written down here a second time, on purpose: nothing is shared with the
program that is tested.
"""
import base64
import binascii
import functools
import html
import http.server
import itertools
import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import unicodedata
import unittest
import urllib.parse

GRANTSPEC = sys.argv[1]
PROPERTIES = sys.argv[2] if len(sys.argv) > 2 else None
REPORTS = ("json", "junit", "sarif", "html", "markdown")


def separated(items, *separators):
    return [separator.join(items) for separator in separators]


@functools.lru_cache(maxsize=None)
def spellings_of(value, login="client"):
    """Every way of writing a value that a server was seen to use, and some more; by name."""
    raw = value.encode()
    hexes = [f"{b:02x}" for b in raw]
    pair = f"{login}:{value}".encode()
    form = f"{urllib.parse.quote_plus(login)}:{urllib.parse.quote_plus(value)}".encode()
    out = [value, value.upper(), value.lower(), value.swapcase()]
    # Percent: what must be, everything, twice, in lower case, as in forms.
    quoted = urllib.parse.quote(value, safe="")
    every = "".join(f"%{b:02X}" for b in raw)
    out += [
        quoted,
        every,
        every.lower(),
        urllib.parse.quote(quoted, safe=""),
        urllib.parse.quote(every, safe=""),
        urllib.parse.quote_plus(value),
        "".join(f"%u{ord(c):04x}" for c in value),
        quoted.lower(),
    ]
    # JSON, JSON in JSON, JavaScript, C.
    once = json.dumps(value)[1:-1]
    out += [
        once,
        json.dumps(once)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        "".join(f"\\u{ord(c):04x}" for c in value),
        "".join(f"\\\\u{ord(c):04X}" for c in value),
        "".join(f"\\u{{{ord(c):x}}}" for c in value),
        "".join(f"\\x{h}" for h in hexes),
        "".join(f"\\{b:03o}" for b in raw),
        "".join("\\" + c if not c.isalnum() else c for c in value),
    ]
    # HTML and XML.
    out += [
        html.escape(value),
        "".join(f"&#{ord(c)};" for c in value),
        "".join(f"&#x{ord(c):x};" for c in value),
        "".join(f"&#X{ord(c):04X};" for c in value),
        value.replace("#", "&num;").replace("!", "&excl;").replace("é", "&eacute;"),
        html.escape(html.escape(value)),
        "".join(f"&amp;#{ord(c)};" for c in value),
    ]
    # Numbers.
    out += separated(hexes, "", " ", ":", "-", ", ", "\\x", ",0x")
    out += [x.upper() for x in separated(hexes, "", " ", ":")]
    out += separated([str(b) for b in raw], ",", " ", ", ", ";", "\n")
    out += separated([f"{b:03d}" for b in raw], " ", "")
    out += separated([f"{b:03o}" for b in raw], " ", "")
    out += separated([f"{b:08b}" for b in raw], " ", "")
    out += [str([b - 256 if b > 127 else b for b in raw])]
    # White space, line breaks and other marks between the characters.
    out += separated(list(value), " ", "\t", "\u00a0", "\u200b", "\u00ad", "\n", "'", '"')
    out += [
        "\n ".join(value[i : i + 5] for i in range(0, len(value), 5)),
        "=\n".join(value[i : i + 5] for i in range(0, len(value), 5)),
        value[:6] + "<wbr>" + value[6:],
        value.replace("'", "''"),
        "".join(f"={h.upper()}" for h in hexes),
    ]
    # Character sets.
    out += [unicodedata.normalize(f, value) for f in ("NFC", "NFD")]
    out += [
        value.encode("utf-8").decode("latin-1"),
        value.replace("é", "?"),
        value.replace("é", "\ufffd"),
    ]
    # Base64 at each offset, of the value, of pairs, of encodings.
    for what in (
        raw,
        pair,
        form,
        quoted.encode(),
        binascii.hexlify(raw),
        base64.b64encode(pair),
        value.encode("utf-16-le"),
        b"a" + raw,
        b"ab" + raw + b"tail",
    ):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            out.append(encode(what).decode())
            out.append(encode(what).decode().rstrip("="))
    whole = base64.b64encode(pair).decode()
    out += [
        "\n".join(whole[i : i + 6] for i in range(0, len(whole), 6)),
        urllib.parse.quote(whole, safe=""),
        base64.b32encode(raw).decode(),
    ]
    # Cut off.
    out += [value[:8], value[:10] + "...", value[:9] + "\u2026", value[:-1], value[:12] + "***"]
    return [s for s in dict.fromkeys(out) if s]


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
        for run in set(re.findall(r"[A-Za-z0-9+/_-]{12,}", text)):
            for start in range(4):
                part = run[start:].replace("-", "+").replace("_", "/")
                part = part[: len(part) // 4 * 4]
                self.decoded.append(base64.b64decode(part, validate=False))
        self.decoded = b"\n".join(self.decoded)

    def holds(self, value, spelled):
        """Where the artefact holds the value in one of its spellings, or nothing."""
        # All JWTs begin alike; the suite's own requests have some.
        least = 32 if value.startswith("eyJ") else 8
        for spelling in spelled:
            if len(spelling) < least:
                continue
            for written in {spelling, json.dumps(spelling)[1:-1], html.escape(spelling)}:
                if written in self.text:
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


class Target:
    """A server whose responses a function makes: answer(request, content) sends what it likes."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer(self, content)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def send(handler, status, reason, fields, body, trailers=()):
    """Writes a response byte by byte as it is given, chunked where it has trailers."""

    def raw(text):
        return text.encode("utf-8", "surrogateescape").replace(b"\r", b"").replace(b"\n", b" ")

    head = b"HTTP/1.1 %d %s\r\n" % (status, raw(reason))
    for name, value in fields:
        head += raw(name) + b": " + raw(value) + b"\r\n"
    if trailers:
        head += b"Transfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n"
        tail = b"".join(raw(n) + b": " + raw(v) + b"\r\n" for n, v in trailers)
        body = b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, tail)
    else:
        head += b"Content-Length: %d\r\n\r\n" % len(body)
    handler.wfile.write(head + (b"" if handler.command == "HEAD" else body))


class EchoTarget(Target):
    """Grants tokens to the control request; everything else gets secrets and tokens back, in all
    spellings by turns, and in all places."""

    def __init__(self, secret, extra=None):
        self.secret, self.extra, self.tokens, self.sent = secret, extra, [], set()
        self.turns, self.lock = itertools.count(), threading.Lock()
        pair = f"client:{urllib.parse.quote_plus(secret)}"
        self.login = "Basic " + base64.b64encode(pair.encode()).decode()
        super().__init__(self.answer)

    def is_control(self, handler, content):
        return (
            content == b"grant_type=client_credentials&scope=read"
            and handler.headers.get("Authorization") == self.login
        )

    def answer(self, handler, content):
        if self.is_control(handler, content):
            with self.lock:
                self.tokens.append(secrets.token_urlsafe(32))
                token = self.tokens[-1]
            body = json.dumps(
                {"access_token": token, "token_type": "Bearer", "expires_in": 60, "scope": "read"}
            ).encode()
            return send(
                handler,
                200,
                "OK",
                [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
                body,
            )
        turn = next(self.turns)
        # The first tokens again and again, so that each is told in many ways; and the last one.
        values = [self.secret, *self.tokens[turn % 4 : turn % 4 + 1], *self.tokens[-1:]]
        values += [self.extra] if self.extra else []
        told = []
        for value in values:
            ways = spellings_of(value)
            with self.lock:
                self.sent.update((value, (turn * 7 + i) % len(ways)) for i in range(7))
            told += [ways[(turn * 7 + i) % len(ways)] for i in range(7)]
        self.tell(handler, turn, told)

    def tell(self, handler, turn, told):
        one, text = told[turn % len(told)], " | ".join(told)
        names = re.sub(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]", "", one) or "x"
        challenge = one.replace('"', "'")
        fields = [
            ("X-" + names, one),
            ("WWW-Authenticate", f'Basic realm="{challenge}"'),
            ("Location", "https://x.invalid/cb?code=" + one + "#access_token=" + one),
            ("Set-Cookie", "sid=" + one + "; Path=/"),
            ("Server", one),
            ("X-All", text),
            ("Retry-After", "0"),
        ]
        bodies = (
            (
                "application/json",
                json.dumps(
                    {
                        "error": "invalid_request",
                        "error_description": text,
                        one: [told],
                        "nested": {"x": told},
                    }
                ),
            ),
            (
                "application/json",
                json.dumps({"error": one, "accessToken": told[-1]}, ensure_ascii=False),
            ),
            ("text/xml", f"<error at='{one}'><d>{html.escape(text)}</d><!-- {text} --></error>"),
            ("text/html", f'<p title="{one}">{text}</p>'),
            ("text/plain", text),
            ("application/x-www-form-urlencoded", urllib.parse.urlencode({"error": text})),
        )
        kind, body = bodies[turn % len(bodies)]
        status = (400, 401, 403, 200, 500, 302)[turn // len(bodies) % 6]
        late = [("X-Late", text)] if turn % 3 == 0 and handler.command != "HEAD" else ()
        send(
            handler,
            status,
            one,
            [*fields, ("Content-Type", kind)],
            body.encode("utf-8", "surrogateescape"),
            late,
        )


def jwt():
    parts = [
        json.dumps(p).encode()
        for p in ({"alg": "RS256", "typ": "at+jwt"}, {"sub": "client", "jti": secrets.token_hex(8)})
    ]
    return ".".join(
        base64.urlsafe_b64encode(p).decode().rstrip("=") for p in [*parts, secrets.token_bytes(64)]
    )


# Shapes in which a success may hold a token that is not read there.
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


class Redaction(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def start(self, target):
        self.addCleanup(target.close)
        return target

    def run_program(self, program, url, secret, *arguments, name="r"):
        """Runs a program with all reports there are; returns the run and its artefacts."""
        files = {n: self.path / f"{name}.{n}" for n in (*REPORTS, "summary")}
        env = {k: v for k, v in os.environ.items() if not k.startswith("GRANTSPEC_")}
        env.update(
            U="client:" + secret, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(files["summary"])
        )
        reports = [w for n in REPORTS for w in ("--report-" + n, str(files[n]))]
        history = self.path / (name + ".history")
        files.update(badge=self.path / (name + ".badge"), history=history / "history.jsonl")
        reports += ["--badge", str(files["badge"]), "--history", str(history)]
        if program == GRANTSPEC and "--write-profile" not in arguments:
            files["statement"] = self.path / (name + ".statement")
            reports += ["--statement", str(files["statement"])]
        done = subprocess.run(
            [program, url, "--user-env", "U", "--scope", "read", "-m", "3", *reports, *arguments],
            env=env,
            capture_output=True,
            timeout=600,
        )
        texts = {"stdout": done.stdout, "stderr": done.stderr}
        texts.update({n: p.read_bytes() for n, p in files.items() if p.exists()})
        return done, [Artefact(n, t.decode(errors="surrogateescape")) for n, t in texts.items()]

    def more(self, *paths):
        return [
            Artefact(p.name, p.read_bytes().decode(errors="surrogateescape"))
            for p in paths
            if p.exists()
        ]

    def nothing_of(self, artefacts, values):
        found = []
        for value in values:
            spelled = spellings_of(value)
            for artefact in artefacts:
                where = artefact.holds(value, spelled)
                if where:
                    at = artefact.text.find(where)
                    found.append((artefact.name, where, artefact.text[max(0, at - 60) : at + 60]))
        self.assertEqual(found[:5], [], f"{len(found)} found")

    def echoed(self, secret):
        target = self.start(EchoTarget(secret, extra="Kc4Tw8Lq1Nz6Rv3B"))
        waivers, learned = self.path / "waivers.json", self.path / "learned.json"
        header = ("-H", "X-Api-Key: Token Kc4Tw8Lq1Nz6Rv3B")
        done, artefacts = self.run_program(
            GRANTSPEC,
            target.url,
            secret,
            "-v",
            "--tier",
            "all",
            "--gtest_filter=-*.*.*",  # rows of tables are answered like the other cases
            *header,
            "--waivers",
            str(waivers),
            "--update-waivers",
        )
        self.assertEqual(done.returncode, 1, done.stderr)
        more = [artefacts]
        more.append(
            self.run_program(
                GRANTSPEC, target.url, secret, "--write-profile", str(learned), *header, name="l"
            )[1]
        )
        more.append(self.more(waivers, learned))
        more.append(self.run_program(GRANTSPEC, target.url, secret, "--plan", *header, name="p")[1])
        if PROPERTIES:
            more.append(self.run_program(PROPERTIES, target.url, secret, *header, name="q")[1])
        artefacts = [a for group in more for a in group]
        ways = len(spellings_of(secret))
        self.assertGreaterEqual(ways, 60)
        self.assertEqual(len({w for v, w in target.sent if v == secret}), ways)
        self.assertGreater(len(target.tokens), 20)
        text = "\n".join(a.text for a in artefacts)
        self.assertIn("[secret]", text)
        self.assertIn("[token]", text)
        some = [*target.tokens[:10], *target.tokens[-10:]]
        self.nothing_of(artefacts, [secret, "Kc4Tw8Lq1Nz6Rv3B", *some])

    def test_spellings_of_a_secret(self):
        self.echoed("Zq7#kP2vX9!mW4sR")

    def test_spellings_of_a_secret_with_marks(self):
        self.echoed("Zq7kP2vX\u00e9'9&mW4sR")

    def test_what_fails_once_and_is_tolerated_then(self):
        key, asked, lock = "Kc4Tw8Lq1Nz6Rv3B", itertools.count(), threading.Lock()
        json_type = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]

        def answer(handler, content):
            if handler.request_version != "HTTP/1.0":
                token = {"access_token": secrets.token_hex(20), "token_type": "Bearer"}
                return send(handler, 200, "OK", json_type, json.dumps(token).encode())
            with lock:
                first = next(asked) == 0
            told = {"error": "invalid_client", "error_description": "not with " + key}
            body = b"{}" if first else json.dumps(told).encode()
            return send(handler, 302 if first else 426, "No", json_type, body)

        target = self.start(Target(answer))
        done, artefacts = self.run_program(
            GRANTSPEC,
            target.url,
            "a-secret-of-its-own",
            "-v",
            "-H",
            "X-Api-Key: Token " + key,
            "--gtest_filter=http_framing.http_1_0",
        )
        self.assertIn(b"failed once and not again", done.stdout)
        self.nothing_of(artefacts, [key])

    def test_shapes_of_the_control_response(self):
        self.assertGreaterEqual(len(SHAPES), 17)
        for turn, name in enumerate(SHAPES):
            kind, body = SHAPES[name]
            token = jwt() if turn % 2 else secrets.token_urlsafe(24)
            kind = kind.replace("%s", token) if kind else None

            def answer(handler, _, kind=kind, body=body, token=token):
                fields = [("Content-Type", kind)] if kind else []
                fields += [
                    ("Set-Cookie", "s=" + token),
                    ("X-Thing", token),
                    (token[:24], "x"),
                    ("Location", "/#t=" + token),
                    ("Server", token),
                ]
                send(handler, 200, token, fields, body.replace("%s", token).encode())

            target = self.start(Target(answer))
            done, artefacts = self.run_program(GRANTSPEC, target.url, "Zq7#kP2vX9!mW4sR")
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
        tokens, turns = [], itertools.count()
        good = self.start(EchoTarget("Zq7#kP2vX9!mW4sR"))
        seen = set()

        def answer(handler, content):
            if good.is_control(handler, content):
                return good.answer(handler, content)
            turn = next(turns)
            kind, body = list(SHAPES.values())[turn % len(SHAPES)]
            seen.add(turn % len(SHAPES))
            token = jwt() if turn % 3 == 0 else secrets.token_urlsafe(24)
            tokens.append(token)
            fields = [("Content-Type", kind.replace("%s", token))] if kind else []
            fields += [
                ("Set-Cookie", "s=" + token),
                ("X-Thing", token),
                ("Location", "/#t=" + token),
            ]
            return send(
                handler,
                (200, 201, 206)[turn // len(SHAPES) % 3],
                token,
                fields,
                body.replace("%s", token).encode(),
            )

        target = self.start(Target(answer))
        done, artefacts = self.run_program(GRANTSPEC, target.url, "Zq7#kP2vX9!mW4sR", "-v")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(seen), len(SHAPES))
        self.nothing_of(artefacts, tokens[:150])

    def test_short_secrets_leave_words_alone(self):
        for secret in ("client", "scope", "q7"):
            target = self.start(EchoTarget(secret))
            done, artefacts = self.run_program(
                GRANTSPEC, target.url, secret, "-v", "--category", "scope"
            )
            self.assertIn("is shorter than 8 characters", artefacts[0].text)
            report = json.loads((self.path / "r.json").read_text())
            self.assertIn("scope.unknown_only", [case["id"] for case in report["cases"]])
            for artefact in artefacts:
                for broken in ("invalid_[secret]", "[secret]_", "scope.[secret]", "[secret].unk"):
                    self.assertNotIn(broken, artefact.text.replace("[secret]_all", ""))
            self.assertIn(done.returncode, (0, 1, 5), done.stderr)

    def test_prose_teaches_no_tokens(self):
        prose = "not allowed to use the refresh_token grant_type"

        def answer(handler, content):
            if good.is_control(handler, content):
                return good.answer(handler, content)
            body = json.dumps({"error": "invalid_request", "error_description": prose})
            return send(
                handler,
                400,
                "Bad Request",
                [("Content-Type", "application/json"), ("X-Why", prose)],
                body.encode(),
            )

        good = self.start(EchoTarget("Zq7#kP2vX9!mW4sR"))
        target = self.start(Target(answer))
        _, artefacts = self.run_program(GRANTSPEC, target.url, "Zq7#kP2vX9!mW4sR", "-v")
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

        def answer(handler, content):
            if good.is_control(handler, content):
                return good.answer(handler, content)
            some = [spaces[next(turns) % len(spaces)] for _ in range(4)]
            text = "\n".join(f"{s}::error::injected" for s in some)
            body = text
            if next(turns) % 2:
                body = json.dumps({"error": text, "error_description": text})
            return send(
                handler,
                400,
                some[0] + "::error::injected",
                [
                    ("X-A", some[1] + "::error::injected"),
                    ("Server", text),
                    ("X-B", "##vso[x] ##VSO[y] ##[error]z"),
                ],
                body.encode(),
            )

        good = self.start(EchoTarget("Zq7#kP2vX9!mW4sR"))
        target = self.start(Target(answer))
        _, artefacts = self.run_program(GRANTSPEC, target.url, "Zq7#kP2vX9!mW4sR", "-v")
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
    unittest.main(argv=sys.argv[:1])
