#!/usr/bin/env python3
"""Exports the conformance cases as seeds of the fuzz harnesses.

usage: export_seeds.py BUILD_DIRECTORY

Runs each case against the reference endpoint through a relay that keeps the bytes. A whole request
becomes a seed of `request`, its parts seeds of the narrow harnesses; the vectors of
fixtures/vectors, the case files and the profiles are added. An exported seed has a dot in its name
(`scope.unknown`); those without are made by hand and stay. Contents that are there already are
left out.
"""
import base64
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from lib import ROOT, clients
from lib.listener import Listener
from lib.programs import environment
from lib.server import Endpoint

SEEDS = ROOT / "fuzz/seeds"
BYTES_MAX = 4096
KEPT_BYTES_MAX = 65536  # of a connection


class Recorder(Listener):
    """Relays connections to a port and keeps what the client's side sent on each."""

    def __init__(self, upstream_port):
        self.upstream_port, self.sent = upstream_port, []
        super().__init__(self.record)
        self.url = f"http://127.0.0.1:{self.port}/billing/oauth2/token"

    def record(self, client):
        server = socket.create_connection(("127.0.0.1", self.upstream_port))
        kept = bytearray()
        self.sent.append(kept)
        back = threading.Thread(target=self.pump, args=(server, client, bytearray()), daemon=True)
        back.start()
        self.pump(client, server, kept)
        back.join()

    @staticmethod
    def pump(source, sink, keep):
        try:
            while data := source.recv(65536):
                if len(keep) < KEPT_BYTES_MAX:
                    keep += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def requests_in(raw_bytes):
    """The requests of one connection, split by Content-Length; what has another framing is one."""
    while raw_bytes:
        end = raw_bytes.find(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)\r\n", raw_bytes[: end + 2])
        if (
            end < 0
            or b"ransfer-" in raw_bytes[:end]
            or len(re.findall(rb"(?i)content-length", raw_bytes[:end])) > 1
        ):
            yield raw_bytes
            return
        size = end + 4 + (int(length[1]) if length else 0)
        yield raw_bytes[:size]
        raw_bytes = raw_bytes[size:]


class Seeds:
    def __init__(self):
        self.known = {}
        for harness in SEEDS.iterdir():
            for path in list(harness.iterdir()):
                if "." in path.name:
                    path.unlink()
                else:
                    self.known.setdefault(harness.name, set()).add(path.read_bytes())

    def add(self, harness, name, raw_bytes):
        known = self.known.setdefault(harness, set())
        if raw_bytes in known or len(raw_bytes) > BYTES_MAX:
            return
        known.add(raw_bytes)
        folder = SEEDS / harness
        folder.mkdir(parents=True, exist_ok=True)
        path, n = folder / name, 2
        while path.exists():
            path, n = folder / f"{name}-{n}", n + 1
        path.write_bytes(raw_bytes)

    def add_request(self, name, raw_bytes, port):
        raw_bytes = raw_bytes.replace(f"127.0.0.1:{port}".encode(), b"localhost")
        raw_bytes = re.sub(rb"nobody-[0-9a-f]{8}", b"nobody-00000000", raw_bytes)
        raw_bytes = re.sub(rb"\r\nUser-Agent: [^\r\n]*", b"", raw_bytes)
        raw_bytes = re.sub(
            rb"(?i)(authorization: *basic +)([A-Za-z0-9+/]+=*)", self.steady, raw_bytes
        )
        raw_bytes = re.sub(rb"(?i)(bearer +)[A-Za-z0-9_-]{43}", rb"\1" + b"A" * 43, raw_bytes)
        self.add("request", name, raw_bytes)
        head, _, content = raw_bytes.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n")[1:]:
            field, _, value = line.partition(b":")
            if field.lower() == b"authorization":
                self.add("basic", name, value.strip())
            if field.lower() == b"content-type":
                self.add("content_type", name, value.strip())
        self.add("form", name, content)
        for pair in content.split(b"&"):
            key, _, value = pair.partition(b"=")
            if key == b"scope":
                self.add("scope", name, urllib.parse.unquote_to_bytes(value.replace(b"+", b" ")))

    @staticmethod
    def steady(match):
        try:
            pair = base64.b64decode(match[2], validate=True)
        except ValueError:
            return match[0]
        steady = re.sub(rb"(nobody-|no-such-secret-)[0-9a-f]{8}", rb"\g<1>00000000", pair)
        return match[0] if steady == pair else match[1] + base64.b64encode(steady)


def cases_of_files():
    """The path of each case file with each of its cases."""
    for path in sorted((ROOT / "conformance/cases").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            yield path, case


def export_requests(seeds, grantspec, endpoint):
    """Runs each safe case against the endpoint, and adds what it sent."""
    relay = Recorder(endpoint.port)
    profile, secrets = clients.profile(relay.url, clients.CLIENTS)
    with relay, tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(profile, file)
        file.flush()
        for path, case in cases_of_files():
            if "standing" in case or "analysis" in case or case.get("tier", "safe") != "safe":
                continue
            name = f"{path.stem}.{case['id']}"
            selected = name + (".*" if "for_each" in case else "")
            relay.sent.clear()
            subprocess.run(
                [grantspec, relay.url, "--profile", file.name, f"--gtest_filter={selected}"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(secrets),
                timeout=60,
                check=False,
            )
            for connection in list(relay.sent):
                for request in requests_in(bytes(connection)):
                    seeds.add_request(name, request, relay.port)


def export_files(seeds):
    """Adds the vectors, the shapes of cases, and the profiles."""
    for path in sorted((ROOT / "fixtures/vectors").glob("*.json")):
        harness = {
            "form": "form",
            "basic": "basic",
            "scope": "scope",
            "token_response": "token_response",
            "error_response": "token_response",
        }.get(path.stem)
        for number, vector in enumerate(json.loads(path.read_text())["vectors"], 1):
            if harness:
                seeds.add(
                    harness, f"vector.{path.stem}-{number:03}", vector["in"].encode("latin-1")
                )
    shapes = set()
    for path, case in cases_of_files():
        shape = (tuple(sorted(case)), tuple(sorted(case.get("change", {}))))
        if "for_each" in case or shape in shapes:
            continue  # the harness has no probes
        shapes.add(shape)
        text = json.dumps({"cases": [case]}, indent=1, ensure_ascii=False)
        seeds.add("case_file", f"{path.stem}.{case['id']}", text.encode())
    for path in sorted(ROOT.glob("fixtures/**/*profile*.json")) + sorted(
        ROOT.glob("fixtures/profiles/*.json")
    ):
        text = re.sub(
            r'"secret_(env|file)": "[^"]*"', '"secret_env": "FUZZ_SECRET"', path.read_text()
        )
        seeds.add("profile", f"profile.{path.parent.name}", text.encode())


def main():
    build = pathlib.Path(sys.argv[1])
    seeds = Seeds()
    with Endpoint(program=str(build / "grantspec-endpoint")) as endpoint:
        export_requests(seeds, build / "grantspec", endpoint)
    export_files(seeds)
    for harness in sorted(p for p in SEEDS.iterdir() if p.is_dir()):
        print(f"{harness.name}: {len(list(harness.iterdir()))} seeds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
