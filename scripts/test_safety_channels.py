#!/usr/bin/env python3
"""Attacks the user of the suite over its channels: credentials in clear text, over old TLS, to
another peer, behind a certificate that nobody checked.

usage: test_safety_channels.py GRANTSPEC GRANTSPEC-ENDPOINT [GRANTSPEC-PROPERTIES]
"""
import contextlib
import socket
import ssl
import threading

from lib import clients
from lib.clients import READ, TARGET_OPTIONS, USER
from lib.listener import Listener
from lib.programs import GRANTSPEC, PROPERTIES, run
from lib.reports import report_options, verdicts
from lib.spellings import credentials_in
from lib.target import Target, certificates, token_response
from lib.testing import ProgramTest, main


class TlsTap(Listener):
    """A TLS port that keeps what is received in clear text, and relays what is sent over TLS."""

    def __init__(self, made, upstream_port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate, made.key)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
        self.plaintext, self.old_tls, self.context = [], [], context
        self.upstream_port = upstream_port
        super().__init__(self.tap)

    def tap(self, client):
        client.settimeout(30)
        if client.recv(1, socket.MSG_PEEK) != b"\x16":
            self.plaintext.append(client.recv(65536))
            client.sendall(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return
        client = self.context.wrap_socket(client, server_side=True)
        upstream = socket.create_connection(("127.0.0.1", self.upstream_port))
        threading.Thread(target=self.pump, args=(upstream, client, None), daemon=True).start()
        old = client.version() in ("TLSv1", "TLSv1.1")
        self.pump(client, upstream, self.old_tls if old else None)

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


class Channels(ProgramTest):
    def test_a_tls_port_gets_no_credentials_in_clear_text(self):
        made = certificates(self.path)
        endpoint = self.endpoint()
        tap = self.kept(TlsTap(made, endpoint.port))
        profile, secrets = clients.profile(f"https://127.0.0.1:{tap.port}{endpoint.path}")
        trusted = ("--profile", self.write("p.json", profile), "--cacert", made.authority)
        header = ("-H", "X-Api-Key: k3y-of-a-gateway")
        done = run(*trusted, "--tier", "all", *header, env=secrets)
        self.assertRegex(done.stdout, r"\d{3,4} passed")
        self.assertTrue(tap.plaintext)
        for data in tap.plaintext + tap.old_tls:
            self.assertEqual(credentials_in(data), [])
            self.assertNotIn(b"k3y-of-a-gateway", data)
        # A case of the user's own cannot go around the rule.
        clear = {
            "id": "clear",
            "title": "Clear text",
            "clauses": ["RFC6749-2.3.1-07"],
            "raw": "{{request}}",
            "plaintext": True,
            "response": "400",
        }
        own = self.write("own.json", {"cases": [clear]})
        tap.plaintext.clear()
        done = run(*trusted, "--cases", own, "--gtest_filter=own.*", env=secrets)
        self.assertEqual(set(tap.plaintext) - {b""}, set())
        self.assertIn("not sent", done.stdout)

    def test_plain_http_needs_consent_beyond_the_loopback(self):
        target = self.kept(Target(token_response(scope=READ)))
        proxy = f"http://127.0.0.1:{target.port}"  # a proxy is never the loopback interface
        options = ["http://auth.example:8080/token", *TARGET_OPTIONS, "--proxy", proxy]
        for program in filter(None, (GRANTSPEC, PROPERTIES)):
            done = run(*options, program=program, env=USER)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("--allow-plaintext", done.stderr)
            self.assertEqual(target.requests, [])
        reports, paths = report_options(self.path)
        consent = ("--allow-plaintext", "-k", "--category", "json")
        done = run(*options, *consent, *reports, env=USER)
        report = self.read(paths.pop("json"))
        for text in (done.stdout, *(path.read_text() for path in paths.values())):
            self.assertIn("--allow-plaintext:", text)
            self.assertIn("-k:", text)
        self.assertGreater(len(target.requests), 0, done.stderr)
        self.assertIn("--allow-plaintext", " ".join(report["notes"]))

    def test_the_peer_decides_and_not_the_name(self):
        target = self.kept(Target(token_response(scope=READ)))
        name = "127.0.0.1.evil.example"

        def resolved(port, address):
            to = ("--resolve", f"{name}:{port}:{address}")
            options = (*TARGET_OPTIONS, "--category", "json", *to)
            return run(f"http://{name}:{port}/token", *options, env=USER)

        done = resolved(target.port, "127.0.0.1")
        self.assertGreater(len(target.requests), 0, done.stderr)
        addresses = run("-I", program="hostname").stdout.split()
        for address in addresses:
            if ":" in address or address.startswith("127."):
                continue
            received = []
            other = self.kept(Listener(lambda client: received.append(client.recv(65536)), address))
            done = resolved(other.port, address)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertEqual(set(received) - {b""}, set())
            break

    def test_an_insecure_run_does_not_pass_the_certificate(self):
        made = certificates(self.path)
        url = self.endpoint("--tls-cert", str(made.certificate), "--tls-key", str(made.key)).url
        report = self.path / "r.json"
        options = (*TARGET_OPTIONS, "--category", "transport_tls", "--report-json", report)
        for trust, verdict in (
            (["-k"], "not_applicable"),
            (["--cacert", made.authority], "pass"),
        ):
            run(url, *options, *trust, env=USER)
            result = verdicts(self.read(report))
            self.assertEqual(result["transport_tls.cert_valid"], verdict)


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
