#!/usr/bin/env python3
"""Holds the picture of ARCHITECTURE.md: includes point down, and each third-party header has one door.

Prints file, line and the broken rule; exits 1 when there is one, 2 when it found no source at all.
"""
import pathlib
import re
import sys

# What a folder may include besides itself. Longest prefix wins.
MAY_INCLUDE = {
    "fixtures/text": [],
    "fixtures/cli": ["fixtures/text"],
    "fixtures/grammar": [],
    "fixtures/http": ["fixtures/grammar"],
    "fixtures/files": [],
    "fixtures/endpoint": ["fixtures/grammar", "fixtures/files", "fixtures/http"],
    "fixtures/target": ["fixtures/grammar", "fixtures/files", "fixtures/http"],
    "conformance": ["fixtures"],
    "properties": ["fixtures", "conformance"],  # an example of a law is a case, judged as one
    "fuzz": ["fixtures"],
}
# The one harness that examines a wing: case files are read in conformance/.
EXCEPTIONS = {"fuzz/harness/case_file_fuzzer.cc": "conformance"}
# Third-party header prefix -> pattern of the files that may include it.
DOORS = {
    "curl/": r"fixtures/http/.*\.cc$|scripts/benchmarks/.*\.cc$",
    "boost/": r"fixtures/endpoint/server\.cc$",
    "nlohmann/": r".*\.cc$|fixtures/.*json_text\.h$",
    "gtest/": r".*_test\.cc$|conformance/(main|register)\.cc$|conformance/.*listener\.(h|cc)$|.*testing\.h$|properties/.*",
    "CLI/": r"(conformance|properties|fixtures/endpoint)/(main|hostile_main|options)\.cc$|"
            r"conformance/options/.*\.(h|cc)$|fixtures/cli/.*\.cc$",
    "rapidcheck": r"properties/.*",
    "openssl/": r"fixtures/(endpoint|http)/.*\.cc$|.*_test\.cc$|fuzz/.*\.cc$|scripts/benchmarks/.*\.cc$",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path: str) -> str:
    rooms = [room for room in MAY_INCLUDE if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else ""


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    broken, seen = [], 0
    for folder in ("conformance", "fixtures", "properties", "fuzz"):
        for source in sorted((root / folder).rglob("*")):
            if source.suffix not in (".h", ".cc"):
                continue
            seen += 1
            path = source.relative_to(root).as_posix()
            room = room_of(path)
            for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                kind, header = match.groups()
                if kind == '"':
                    target = room_of(header)
                    allowed = [room, *MAY_INCLUDE.get(room, []), EXCEPTIONS.get(path, room)]
                    if not any(target == a or target.startswith(a + "/") for a in allowed):
                        broken.append(f"{path}:{number}: {room or folder} must not include {header}")
                    if not (root / header).exists():
                        broken.append(f"{path}:{number}: {header} is not a path from the root")
                else:
                    for prefix, door in DOORS.items():
                        if header.startswith(prefix) and not re.match(door, path):
                            broken.append(f"{path}:{number}: <{header}> has another door: {door}")
    print("\n".join(broken) if broken else f"layers: {seen} files, every include points down")
    if seen == 0:
        print("layers: found no source: wrong folder?")
        return 2
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
