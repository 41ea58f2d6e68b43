#!/usr/bin/env python3
"""Exports the conformance cases as seeds of the fuzz harnesses.

usage: export_seeds.py BUILD_DIRECTORY

Runs each case against the reference endpoint through a relay that keeps the octets. A whole request
becomes a seed of `request`, its parts seeds of the narrow harnesses; the vectors of
fixtures/vectors, the case files and the profiles are added. An exported seed has a dot in its name
(`scope.unknown`); those without are made by hand and stay. Contents that are there already are
left out.
"""
import base64
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEEDS = ROOT / "fuzz/seeds"
OCTETS_MAX = 4096
ROLES = {
    "pad1": ("partner-pad1", "k3yForPadOne1"),
    "pad2": ("partner-pad2", "k3yForPadTwo"),
    "b64url": ("partner-b64u", "k>>>?key??"),
    "colon": ("partner-colon", "se:cr:et"),
    "reserved": ("partner-enc", "a+b%2Fc d&e=f/"),
    "read_only": ("partner-read", "r3adOnlySecret"),
    "no_scope": ("partner-noscope", "n0neAtAll"),
    "no_grant": ("partner-nogrant", "n0Grant4u"),
    "suspended": ("partner-suspended", "susp3nded"),
    "second": ("partner-second", "sec0ndSecret"),
    "short_lived": ("partner-brief", "br1efTokens"),
    "long": (
        "partner-long",
        "long-secret-of-exactly-seventy-two-octets-so-that-nothing-may-cut-it-off",
    ),
}
ALL = [
    "billing:batches:read",
    "billing:customers:read",
    "billing:batches:submit",
    "billing:customers:invite",
]


class Relay:
    """Hands connections on to a port and keeps what the client's side sent on each."""

    def __init__(self, port):
        self.port, self.sent = port, []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/billing/oauth2/token"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            kept = bytearray()
            self.sent.append(kept)
            for source, sink, keep in ((client, server, kept), (server, client, bytearray())):
                threading.Thread(target=self.pump, args=(source, sink, keep), daemon=True).start()

    @staticmethod
    def pump(source, sink, keep):
        try:
            while octets := source.recv(65536):
                if len(keep) < 65536:
                    keep += octets
                sink.sendall(octets)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def requests_in(octets):
    """The requests of one connection, split by Content-Length; what has another framing is one."""
    while octets:
        end = octets.find(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)\r\n", octets[: end + 2])
        if (
            end < 0
            or b"ransfer-" in octets[:end]
            or len(re.findall(rb"(?i)content-length", octets[:end])) > 1
        ):
            yield octets
            return
        size = end + 4 + (int(length[1]) if length else 0)
        yield octets[:size]
        octets = octets[size:]


class Seeds:
    def __init__(self):
        self.known = {}
        for harness in SEEDS.iterdir():
            for path in list(harness.iterdir()):
                if "." in path.name:
                    path.unlink()
                else:
                    self.known.setdefault(harness.name, set()).add(path.read_bytes())

    def add(self, harness, name, octets):
        known = self.known.setdefault(harness, set())
        if octets in known or len(octets) > OCTETS_MAX:
            return
        known.add(octets)
        folder = SEEDS / harness
        folder.mkdir(parents=True, exist_ok=True)
        path, n = folder / name, 2
        while path.exists():
            path, n = folder / f"{name}-{n}", n + 1
        path.write_bytes(octets)

    def add_request(self, name, octets, port):
        octets = octets.replace(f"127.0.0.1:{port}".encode(), b"localhost")
        octets = re.sub(rb"nobody-[0-9a-f]{8}", b"nobody-00000000", octets)
        octets = re.sub(rb"\r\nUser-Agent: [^\r\n]*", b"", octets)
        octets = re.sub(rb"(?i)(authorization: *basic +)([A-Za-z0-9+/]+=*)", self.steady, octets)
        octets = re.sub(rb"(?i)(bearer +)[A-Za-z0-9_-]{43}", rb"\1" + b"A" * 43, octets)
        self.add("request", name, octets)
        head, _, content = octets.partition(b"\r\n\r\n")
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


def profile(url):
    names = {}
    for role, (_, secret) in ROLES.items():
        names[role] = f"SEED_{role.upper()}"
        os.environ[names[role]] = secret
    os.environ["SEED_MAIN"] = "gX1fBat3bV"
    read = {"granted_scopes": ["billing:batches:read"]}
    return {
        "url": url,
        "base": "pyng",
        "client": {"id": "s6BhdRkqt3", "secret_env": "SEED_MAIN"},
        "granted_scopes": ALL,
        "clients": {
            role: {
                "id": ROLES[role][0],
                "secret_env": names[role],
                **(
                    {"granted_scopes": ALL}
                    if role == "second"
                    else {"granted_scopes": []} if role == "no_scope" else read
                ),
            }
            for role in ROLES
        },
    }


def main():
    build = pathlib.Path(sys.argv[1])
    seeds = Seeds()
    endpoint = subprocess.Popen(
        [build / "grantspec-endpoint"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        port = int(re.search(r":(\d+)", endpoint.stdout.readline())[1])
        relay = Relay(port)
        relay_port = relay.listener.getsockname()[1]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(profile(relay.url), file)
            file.flush()
            baseline = set()
            for path in sorted((ROOT / "conformance/cases").glob("*.json")):
                for case in json.loads(path.read_text())["cases"]:
                    if (
                        "standing" in case
                        or "analysis" in case
                        or case.get("tier", "safe") != "safe"
                    ):
                        continue
                    name = f"{path.stem}.{case['id']}"
                    selected = name + (".*" if "for_each" in case else "")
                    relay.sent.clear()
                    subprocess.run(
                        [
                            build / "grantspec",
                            relay.url,
                            "--profile",
                            file.name,
                            f"--gtest_filter={selected}",
                        ],
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        timeout=60,
                        check=False,
                    )
                    for connection in list(relay.sent):
                        for request in requests_in(bytes(connection)):
                            seeds.add_request(name, request, relay_port)
                    baseline.add(name)
    finally:
        endpoint.terminate()
        endpoint.wait()

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
    for path in sorted((ROOT / "conformance/cases").glob("*.json")):
        for case in json.loads(path.read_text())["cases"]:
            if "for_each" in case:
                continue  # the harness has no probes
            shape = (tuple(sorted(case)), tuple(sorted(case.get("change", {}))))
            if shape not in shapes:
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
    for harness in sorted(p for p in SEEDS.iterdir() if p.is_dir()):
        print(f"{harness.name}: {len(list(harness.iterdir()))} seeds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
