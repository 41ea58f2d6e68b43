#!/usr/bin/env python3
"""Checks the picture of ARCHITECTURE.md: includes point down, and each third-party header has one
door.

Prints file, line and the broken rule. Exit code: 1 where one is broken, also by a rule that speaks
of a folder or a file that does not exist; 2 where it found no source at all.
"""
import pathlib
import re
import sys

# What a folder may include besides itself. Longest prefix wins.
MAY_INCLUDE: dict[str, list[str]] = {
    "fixtures/text": [],
    "fixtures/grammar": [],
    "fixtures/files": [],
    "fixtures/cli": ["fixtures/text"],
    "fixtures/tls": ["fixtures/grammar"],
    "fixtures/http": ["fixtures/grammar", "fixtures/text", "fixtures/tls"],
    "fixtures/endpoint": [
        "fixtures/cli",
        "fixtures/grammar",
        "fixtures/files",
        "fixtures/http",
        "fixtures/jose",
        "fixtures/text",
        "fixtures/tls",
    ],
    "fixtures/model": ["fixtures/text"],  # a second opinion shares no parser
    "fixtures/jose": ["fixtures/grammar"],
    "fixtures/target": [
        "fixtures/grammar",
        "fixtures/files",
        "fixtures/http",
        "fixtures/jose",
        "fixtures/text",
    ],
    # The engine's directories are in ENGINE; the programs do not see each other.
    "conformance/commands": ["fixtures", "conformance/engine"],
    "properties": ["fixtures", "conformance/engine"],  # an example of a law is a case
    "fuzz": ["fixtures"],
}
# From the bottom up: each directory of the engine may include those before it.
ENGINE: list[str] = [
    "secrets",
    "response",
    "check",
    "case",
    "bind",
    "judge",
    "record",
    "diagnosis",
    "report",
    "options",
    "run",
    "program",
]
for at, name in enumerate(ENGINE):
    below = [f"conformance/engine/{one}" for one in ENGINE[:at]]
    MAY_INCLUDE[f"conformance/engine/{name}"] = ["fixtures", *below]
# What the examining side must never see, whatever else it may include: who judges by the model
# could not be checked against it.
MUST_NOT_INCLUDE: dict[str, list[str]] = {
    folder: ["fixtures/model"] for folder in MAY_INCLUDE if folder.startswith("conformance/")
}
# The one harness that examines another program's reader: case files are read in conformance/.
EXCEPTIONS: dict[str, str] = {"fuzz/harness/case_file_fuzzer.cc": "conformance/engine"}
# Third-party header prefix -> pattern of the files that may include it.
DOORS: dict[str, str] = {
    "curl/": r"fixtures/http/.*\.(cc|h)$",
    "boost/": r"fixtures/endpoint/((local_)?server\.cc|server_connection\.h)$",
    "nlohmann/": r".*\.cc$",
    "gtest/": r".*_test\.cc$|conformance/engine/check/check_rows\.h$"
    r"|conformance/commands/(main|register)\.cc$|properties/main\.cc$",
    "CLI/": r"(properties|fixtures/endpoint(/hostile)?)/main\.cc$|fixtures/cli/.*\.cc$"
    r"|conformance/commands/main\.cc$|conformance/engine/options/.*",
    "rapidcheck": r"properties/.*",
    "openssl/": r"fixtures/(endpoint|http|tls)/.*\.cc$|fixtures/jose/.*|.*_test\.cc$|fuzz/.*\.cc$",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path: str) -> str:
    folders = [folder for folder in MAY_INCLUDE if path.startswith(folder + "/")]
    return max(folders, key=len) if folders else ""


def check_include(root: pathlib.Path, path: str, header: str) -> list[str]:
    folder, target = folder_of(path), folder_of(header)
    broken = []
    allowed = [folder, *MAY_INCLUDE.get(folder, [])]
    if path in EXCEPTIONS:
        allowed.append(EXCEPTIONS[path])
    if path.endswith("_test.cc") and folder.startswith("conformance/engine"):
        allowed.append("conformance/engine")  # a test may compare with what stands above
    if not any(target == one or target.startswith(one + "/") for one in allowed):
        broken.append(f"{folder or path} must not include {header}")
    elif target in MUST_NOT_INCLUDE.get(folder, []):
        broken.append(f"{folder} must never include {header}")
    if not (root / header).exists():
        broken.append(f"{header} is not a path from the root")
    return broken


def check_rules(root: pathlib.Path, used: set[str]) -> list[str]:
    """Rules that speak of what does not exist, or of what nobody uses."""
    broken = [
        f"the rule names {f}, which is no folder"
        for f in [*MAY_INCLUDE, *MUST_NOT_INCLUDE, *sum(MUST_NOT_INCLUDE.values(), [])]
        if not (root / f).is_dir()
    ]
    broken += [
        f"the rule names {f}, which is no file" for f in EXCEPTIONS if not (root / f).exists()
    ]
    broken += [
        f"nobody includes <{prefix}>, which has a door" for prefix in DOORS if prefix not in used
    ]
    return ["scripts/check_layers.py: " + one for one in broken]


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    broken: list[str] = []
    used: set[str] = set()
    seen = 0
    for top in ("conformance", "fixtures", "properties", "fuzz"):
        for source in sorted((root / top).rglob("*")):
            if source.suffix not in (".h", ".cc"):
                continue
            seen += 1
            path = source.relative_to(root).as_posix()
            for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                found = []
                if match[1] == '"':
                    found = check_include(root, path, match[2])
                for prefix, door in DOORS.items():
                    if match[1] == "<" and match[2].startswith(prefix):
                        used.add(prefix)
                        if not re.match(door, path):
                            found.append(f"<{match[2]}> has another door: {door}")
                broken += [f"{path}:{number}: {one}" for one in found]
    if seen == 0:
        print("layers: found no source: wrong folder?")
        return 2
    broken += check_rules(root, used)
    print("\n".join(broken) if broken else f"layers: {seen} files, every include points down")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
