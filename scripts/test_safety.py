#!/usr/bin/env python3
"""Attacks the user of the suite, and looks for harm: secrets in clear text, clients locked out,
tokens
sent where nobody asked for them.

usage: test_safety.py GRANTSPEC GRANTSPEC-ENDPOINT [GRANTSPEC-PROPERTIES]

What is looked for here is looked for by means of this file alone: the suite's own code for it is
on trial.
"""
import base64
import contextlib
import http.server
import json
import os
import pathlib
import re
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

GRANTSPEC, ENDPOINT = sys.argv[1:3]
PROPERTIES = sys.argv[3] if len(sys.argv) > 3 else None
SCOPES = (
    "billing:batches:read billing:customers:read billing:batches:submit billing:customers:invite"
)
READ = "billing:batches:read"
CLIENTS = {
    "main": ("s6BhdRkqt3", "gX1fBat3bV"),
    "second": ("partner-second", "sec0ndSecret"),
    "read_only": ("partner-read", "r3adOnlySecret"),
    "reserved": ("partner-enc", "a+b%2Fc d&e=f/"),
    "colon": ("partner-colon", "se:cr:et"),
    "b64url": ("partner-b64u", "k>>>?key??"),
}
SECONDS_MAX = 300


def run(program, *arguments, env=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GRANTSPEC_", "GTEST_"))}
    clean.update(env or {})
    return subprocess.run(
        [program, *arguments],
        env=clean,
        text=True,
        errors="replace",
        capture_output=True,
        timeout=SECONDS_MAX,
    )


def readings(data: bytes):
    """Every way in which a lenient server could read a request."""
    texts = {data, data.replace(b"\0", b"")}
    for text in list(texts):
        texts.add(urllib.parse.unquote_to_bytes(text.replace(b"+", b" ")))
    for text in list(texts):
        texts.add(urllib.parse.unquote_to_bytes(text))
        texts.add(re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), text))
    for text in list(texts):
        kept = re.sub(rb"[^A-Za-z0-9+/_-]", b"", text).translate(bytes.maketrans(b"-_", b"+/"))
        for skip in range(4):
            part = kept[skip:]
            decoded = base64.b64decode(part[: len(part) // 4 * 4])
            texts.update((decoded, urllib.parse.unquote_to_bytes(decoded)))
    return [text.lower() for text in texts]


def right_header(client):
    pair = ":".join(urllib.parse.quote_plus(part) for part in client)
    return b"Authorization: Basic " + base64.b64encode(pair.encode()) + b"\r\n"


class Lockout:
    """A relay in front of the endpoint that counts failed logins by client, wherever a request
    names
    one: in the header, in the body, in the query, malformed or not."""

    def __init__(self, upstream_port, limit):
        self.upstream_port, self.limit = upstream_port, limit
        self.lock = threading.Lock()
        self.in_a_row, self.most, self.locked = {}, {}, set()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        upstream = socket.create_connection(("127.0.0.1", self.upstream_port))
        request, response = b"", b""
        try:
            while True:
                ready, _, _ = select.select([client, upstream], [], [], SECONDS_MAX)
                if not ready:
                    return
                if upstream in ready:
                    data = upstream.recv(65536)
                    response += data
                    # Counted before the client hears of it: what it sends next comes later.
                    if response and not response.startswith(b"HTTP/1.1 1"):
                        self.count(request, response)
                        request = b""
                    if not data:
                        return
                    client.sendall(data)
                    continue
                data = client.recv(65536)
                if not data:
                    upstream.shutdown(socket.SHUT_WR)
                    if not request:
                        return
                    data = upstream.recv(65536)
                    self.count(request, data)
                    return
                if not request:
                    response = b""
                request += data
                upstream.sendall(data)
        except OSError:
            self.count(request, response)
        finally:
            client.close()
            upstream.close()

    def count(self, request, response):
        if not request:
            return
        token = b"access_token" in response and b" 200 " in response[:16]
        rest = request
        rights = set()
        for role, client in CLIENTS.items():
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
            for role, (name, _) in CLIENTS.items():
                if any(name.lower().encode() in text for text in texts):
                    if token:
                        continue
                    self.in_a_row[role] = self.in_a_row.get(role, 0) + 1
                    self.most[role] = max(self.most.get(role, 0), self.in_a_row[role])
                    if self.in_a_row[role] >= self.limit:
                        self.locked.add(role)
                elif role in rights and token and role not in self.locked:
                    self.in_a_row[role] = 0

    def close(self):
        self.socket.close()


class Recorder:
    """An HTTP server that keeps every request and responds as it is told."""

    def __init__(self, respond):
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                status, content = respond(self.path, self.headers, body, len(outer.requests))
                data = content.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_POST

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def granting(token="t0ken-that-is-long-enough-for-this", **more):
    def respond(path, headers, body, number):
        if headers.get("Authorization") == right_header(CLIENTS["main"]).decode()[15:-2]:
            return 200, json.dumps(
                {
                    "access_token": token,
                    "token_type": "Bearer",
                    "expires_in": 60,
                    "scope": READ,
                    **more,
                }
            )
        return 401, json.dumps({"error": "invalid_client"})

    return respond


class TlsTap:
    """A TLS port that keeps what comes in clear text, and relays what comes over TLS."""

    def __init__(self, folder, upstream_port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
        self.plaintext, self.old_tls, self.context = [], [], context
        self.upstream_port = upstream_port
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            client.settimeout(30)
            if client.recv(1, socket.MSG_PEEK) != b"\x16":
                self.plaintext.append(client.recv(65536))
                client.sendall(
                    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                client.close()
                return
            client = self.context.wrap_socket(client, server_side=True)
            upstream = socket.create_connection(("127.0.0.1", self.upstream_port))
            threading.Thread(target=self.pump, args=(upstream, client, None), daemon=True).start()
            self.pump(
                client, upstream, self.old_tls if client.version() in ("TLSv1", "TLSv1.1") else None
            )
        except OSError:
            client.close()

    @staticmethod
    def pump(source, sink, record):
        try:
            while data := source.recv(65536):
                if record is not None:
                    record.append(data)
                sink.sendall(data)
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)
            sink.close()

    def close(self):
        self.socket.close()


class Safety(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def start_endpoint(self, *arguments):
        process = subprocess.Popen([ENDPOINT, *arguments], stdout=subprocess.PIPE, text=True)
        url = re.search(r"https?://\S+", process.stdout.readline())[0]

        def end():
            process.terminate()
            process.wait(20)
            process.stdout.close()

        self.addCleanup(end)
        return urllib.parse.urlparse(url)

    def kept(self, thing):
        self.addCleanup(thing.close)
        return thing

    def profile(self, url, **more):
        secrets, clients = {}, {}
        for role, (name, secret) in CLIENTS.items():
            variable = "SECRET_" + role.upper()
            secrets[variable] = secret
            clients[role] = {
                "id": name,
                "secret_env": variable,
                "granted_scopes": SCOPES.split() if role == "second" else [READ],
            }
        main = clients.pop("main")
        main.pop("granted_scopes")
        data = {
            "url": url,
            "base": "pyng",
            "client": main,
            "granted_scopes": SCOPES.split(),
            "clients": clients,
            **more,
        }
        path = self.path / "profile.json"
        path.write_text(json.dumps(data))
        return str(path), secrets

    def no_credentials(self, data: bytes):
        for text in readings(data):
            for name, secret in CLIENTS.values():
                for what in (name, secret):
                    self.assertNotIn(what.lower().encode(), text)

    def test_no_client_is_locked_out(self):
        for limit in (3, 5, 10):
            for arguments in (["--tier", "all"], []):
                place = self.start_endpoint()
                lockout = self.kept(Lockout(place.port, limit))
                url = f"http://127.0.0.1:{lockout.port}{place.path}"
                profile, secrets = self.profile(url)
                done = run(GRANTSPEC, "--profile", profile, *arguments, env=secrets)
                self.assertEqual(lockout.locked, set(), (limit, lockout.most))
                self.assertLessEqual(max(lockout.most.values()), 2)
                self.assertIn(done.returncode, (0, 1, 5), done.stdout[-2000:])
                self.assertRegex(done.stdout, r"\d{3,4} passed")

    @unittest.skipUnless(PROPERTIES, "no grantspec-properties was given")
    def test_laws_lock_no_client_out(self):
        place = self.start_endpoint()
        lockout = self.kept(Lockout(place.port, 3))
        profile, secrets = self.profile(f"http://127.0.0.1:{lockout.port}{place.path}")
        done = run(PROPERTIES, "--profile", profile, "--fuzz", "200", env=secrets)
        self.assertEqual(lockout.locked, set(), lockout.most)
        self.assertIn(done.returncode, (0, 1), done.stdout[-2000:])

    def test_the_smallest_guard_holds(self):
        place = self.start_endpoint()
        lockout = self.kept(Lockout(place.port, 2))
        profile, secrets = self.profile(f"http://127.0.0.1:{lockout.port}{place.path}")
        run(GRANTSPEC, "--profile", profile, "--max-failed-logins", "1", env=secrets)
        self.assertEqual(lockout.locked, set(), lockout.most)

    def test_a_tls_port_gets_no_credentials_in_clear_text(self):
        make = pathlib.Path(__file__).resolve().parent.parent / "fixtures/tls/make_certificates"
        subprocess.run([make, self.path], check=True)
        place = self.start_endpoint()
        tap = self.kept(TlsTap(self.path, place.port))
        url = f"https://127.0.0.1:{tap.port}{place.path}"
        profile, secrets = self.profile(url)
        done = run(
            GRANTSPEC,
            "--profile",
            profile,
            "--tier",
            "all",
            "--cacert",
            str(self.path / "ca.pem"),
            "-H",
            "X-Api-Key: k3y-of-a-gateway",
            env=secrets,
        )
        self.assertRegex(done.stdout, r"\d{3,4} passed")
        self.assertTrue(tap.plaintext)
        for data in tap.plaintext + tap.old_tls:
            self.no_credentials(data)
            self.assertNotIn(b"k3y-of-a-gateway", data)
        # A case of the user's own cannot go around the rule.
        own = self.path / "own.json"
        own.write_text(
            json.dumps(
                {
                    "cases": [
                        {
                            "id": "clear",
                            "title": "Clear text",
                            "clauses": ["RFC6749-2.3.1-07"],
                            "raw": "{{request}}",
                            "plaintext": True,
                            "response": "400",
                        }
                    ]
                }
            )
        )
        tap.plaintext.clear()
        done = run(
            GRANTSPEC,
            "--profile",
            profile,
            "--cacert",
            str(self.path / "ca.pem"),
            "--cases",
            str(own),
            "--gtest_filter=own.*",
            env=secrets,
        )
        self.assertEqual(set(tap.plaintext) - {b""}, set())
        self.assertIn("not sent", done.stdout)

    def test_plain_http_needs_consent_beyond_the_loopback(self):
        target = self.kept(Recorder(granting()))
        proxy = f"http://127.0.0.1:{target.port}"  # a proxy is never the loopback interface
        options = ["--user-env", "U", "--scope", READ, "--proxy", proxy, "--category", "json"]
        env = {"U": ":".join(CLIENTS["main"])}
        url = "http://auth.example:8080/token"
        for program in filter(None, (GRANTSPEC, PROPERTIES)):
            done = run(
                program,
                url,
                *(o for o in options if program == GRANTSPEC or o not in ("--category", "json")),
                env=env,
            )
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("--allow-plaintext", done.stderr)
            self.assertEqual(target.requests, [])
        report = self.path / "r.json"
        kinds = ("junit", "sarif", "html", "markdown")
        paths = {kind: self.path / ("r." + kind) for kind in kinds}
        reports = [word for kind in kinds for word in ("--report-" + kind, str(paths[kind]))]
        done = run(
            GRANTSPEC,
            url,
            *options,
            "--allow-plaintext",
            "-k",
            "--report-json",
            str(report),
            *reports,
            env=env,
        )
        for text in (done.stdout, *(path.read_text() for path in paths.values())):
            self.assertIn("--allow-plaintext:", text)
            self.assertIn("-k:", text)
        self.assertGreater(len(target.requests), 0, done.stderr)
        self.assertIn("--allow-plaintext", " ".join(json.loads(report.read_text())["notes"]))

    def test_the_peer_decides_and_not_the_name(self):
        own = [
            a
            for a in subprocess.run(
                ["hostname", "-I"], capture_output=True, text=True
            ).stdout.split()
            if ":" not in a and not a.startswith("127.")
        ]
        target = self.kept(Recorder(granting()))
        env = {"U": ":".join(CLIENTS["main"])}
        name = "127.0.0.1.evil.example"
        options = ["--user-env", "U", "--scope", READ, "--category", "json"]
        done = run(
            GRANTSPEC,
            f"http://{name}:{target.port}/token",
            *options,
            "--resolve",
            f"{name}:{target.port}:127.0.0.1",
            env=env,
        )
        self.assertGreater(len(target.requests), 0, done.stderr)
        if own:
            other = socket.create_server((own[0], 0))
            self.addCleanup(other.close)
            port = other.getsockname()[1]
            received = []

            def serve():
                try:
                    while True:
                        connection, _ = other.accept()
                        received.append(connection.recv(65536))
                        connection.close()
                except OSError:
                    pass

            threading.Thread(target=serve, daemon=True).start()
            done = run(
                GRANTSPEC,
                f"http://{name}:{port}/token",
                *options,
                "--resolve",
                f"{name}:{port}:{own[0]}",
                env=env,
            )
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertEqual(set(received) - {b""}, set())

    def test_waiting_sends_no_credentials(self):
        def respond(path, headers, body, number):
            if number <= 3:
                return (503, 404, 502)[number - 1], "{}"
            return 401, json.dumps({"error": "invalid_client"})

        for program in filter(None, (GRANTSPEC, PROPERTIES)):
            target = self.kept(Recorder(respond))
            done = run(
                program,
                target.url,
                "--user-env",
                "U",
                "--scope",
                READ,
                "--wait-for",
                "20",
                "-H",
                "X-Api-Key: k3y-of-a-gateway",
                env={"U": "s6BhdRkqt3:gX1fBat3bV"},
            )
            self.assertEqual(done.returncode, 3, done.stdout)
            logins = [r for r in target.requests if "Authorization" in r[2]]
            self.assertEqual(len(logins), 1)
            self.assertGreaterEqual(len(target.requests), 5)
            for _, path, headers, body in target.requests[:4]:
                self.no_credentials(json.dumps([path, headers]).encode() + body)
                self.assertNotIn("X-Api-Key", headers)

    def test_a_target_that_never_gets_ready_hears_of_no_client(self):
        target = self.kept(Recorder(lambda *_: (503, "{}")))
        done = run(
            GRANTSPEC,
            target.url,
            "--user-env",
            "U",
            "--scope",
            READ,
            "--wait-for",
            "1",
            env={"U": "s6BhdRkqt3:gX1fBat3bV"},
        )
        self.assertEqual(done.returncode, 3)
        self.assertIn("not ready after 1 s: status 503", done.stderr)
        self.assertFalse([r for r in target.requests if "Authorization" in r[2]])

    def test_tokens_that_would_split_a_request_are_not_sent_on(self):
        for bad in (
            "abc\r\nX-Forged: 1",
            "abc\nHost: evil",
            "a b",
            "tok\u00e9n",
            "a\0b",
            "\r\n\r\nGET /x HTTP/1.1",
        ):
            resource = self.kept(Recorder(lambda *_: (401, "{}")))
            target = self.kept(Recorder(granting(token=bad)))
            profile, secrets = self.profile(
                target.url,
                base="pyng",
                resource={"url": f"http://127.0.0.1:{resource.port}/api/sites/a/x", "site": "a"},
            )
            report = self.path / "r.json"
            done = run(
                GRANTSPEC,
                "--profile",
                profile,
                "--category",
                "bearer_use,token",
                "--report-json",
                str(report),
                env=secrets,
            )
            self.assertEqual(done.returncode, 1, done.stdout[-1000:])
            for _, path, headers, _ in resource.requests:
                self.assertNotIn("X-Forged", headers)
                if headers.get("Authorization"):
                    self.assertEqual(urllib.parse.urlparse(path).path, "/api/sites/a/x")
                self.assertIn(
                    headers.get("Authorization", "Bearer abc")[:7], ("Bearer", "Bearer ", "bearer ")
                )
                for part in bad.split():
                    if len(part) > 2:
                        self.assertNotIn(
                            part, path + headers.get("Authorization", "").replace("Bearer abc", "")
                        )
            verdicts = {c["id"]: c["verdict"] for c in json.loads(report.read_text())["cases"]}
            self.assertEqual(verdicts["token.charset_b64token"], "fail")
            self.assertEqual(verdicts["bearer_use.truncated"], "fail")

    def test_tokens_go_to_named_urls_only(self):
        token = "t0ken-that-is-long-enough-for-this"
        resource = self.kept(Recorder(lambda *_: (401, "{}")))
        target = self.kept(Recorder(granting(token=token)))
        root = f"http://127.0.0.1:{resource.port}"
        for more, allowed in (
            ({}, {"/prefix/sites/a/x"}),
            ({"site": "a"}, {"/prefix/sites/a/x", "/prefix/sites/no-such-site/x"}),
        ):
            profile, secrets = self.profile(
                target.url, resource={"url": root + "/prefix/sites/a/x", **more}
            )
            own = self.path / "own.json"
            own.write_text(
                json.dumps(
                    {
                        "cases": [
                            {
                                "id": "else",
                                "title": "Elsewhere",
                                "clauses": ["PYNG-21"],
                                "steps": [
                                    {"name": "token", "response": "token"},
                                    {
                                        "name": "use",
                                        "at": "resource",
                                        "response": "401",
                                        "change": {
                                            "target": "/other",
                                            "fields": {"X-Token": "{{token.token}}"},
                                        },
                                    },
                                ],
                            },
                            {
                                "id": "raw",
                                "title": "Elsewhere",
                                "clauses": ["PYNG-21"],
                                "steps": [
                                    {"name": "token", "response": "token"},
                                    {
                                        "name": "use",
                                        "at": "resource",
                                        "response": "401",
                                        "raw": (
                                            "GET /other HTTP/1.1\r\nHost: x\r\nX-Token:"
                                            " {{token.token}}\r\n\r\n"
                                        ),
                                    },
                                ],
                            },
                        ]
                    }
                )
            )
            resource.requests.clear()
            run(
                GRANTSPEC,
                "--profile",
                profile,
                "--cases",
                str(own),
                "--category",
                "bearer_use,own",
                env=secrets,
            )
            carrying = [
                path
                for _, path, headers, _ in resource.requests
                if token[:20] in str(headers) + path
            ]
            self.assertGreater(len(carrying), 0)
            self.assertEqual({urllib.parse.urlparse(p).path for p in carrying} - allowed, set())

    def test_an_insecure_run_does_not_pass_the_certificate(self):
        make = pathlib.Path(__file__).resolve().parent.parent / "fixtures/tls/make_certificates"
        subprocess.run([make, self.path], check=True)
        place = self.start_endpoint(
            "--tls-cert", str(self.path / "server.pem"), "--tls-key", str(self.path / "server.key")
        )
        report = self.path / "r.json"
        for trust, verdict in (
            (["-k"], "not_applicable"),
            (["--cacert", str(self.path / "ca.pem")], "pass"),
        ):
            run(
                GRANTSPEC,
                place.geturl(),
                "--user-env",
                "U",
                "--scope",
                READ,
                *trust,
                "--category",
                "transport_tls",
                "--report-json",
                str(report),
                env={"U": ":".join(CLIENTS["main"])},
            )
            data = json.loads(report.read_text())
            verdicts = {c["id"]: c["verdict"] for c in data["cases"]}
            self.assertEqual(verdicts["transport_tls.cert_valid"], verdict)
        self.assertTrue(data["cases"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
