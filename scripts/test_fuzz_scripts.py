#!/usr/bin/env python3
"""The scripts around fuzzing: usage errors, adapters that cannot be used, printed commands.

usage: test_fuzz_scripts.py BUILD_DIRECTORY

Needs no clang: the scripts run in a copy whose engine and cmake are stand-ins. What loads adapters
are the programs of BUILD_DIRECTORY.
"""
import os
import pathlib
import shlex
import shutil
import subprocess
import unittest

from lib import ROOT
from lib.programs import ARGUMENTS, run
from lib.testing import ProgramTest, main

BUILD = pathlib.Path(*ARGUMENTS[:1]).resolve()
SECONDS_MAX = 60
COPIED = (
    "common",
    "fuzz",
    "fuzz-common",
    "replay",
    "adapter-check",
    "promote",
    "format_cases.py",
    "conformance",
)
HARNESSES = ("form", "basic", "scope", "differential", "remote", "request")
# Does what cmake --build would: programs come out of $PREBUILT, engines are made of $ENGINE.
CMAKE = """#!/bin/sh
echo "$@" >>"$ROOT_COPY/cmake.log"
case $* in
  *--build*) ;;
  *) exit 0 ;;
esac
while [ "$1" != --target ]; do
  [ "$1" != --build ] || build=$2
  shift
done
shift
for target; do
  case $target in
    *_fuzzer) cp "$ROOT_COPY/engine" "$build/$target" ;;
    *) ln -sf "$PREBUILT/$target" "$ROOT_COPY/build/release/$target" ;;
  esac
done
"""
ENGINE = """#!/bin/sh
case $* in *-help=1*) exit "${HELP_EXIT:-0}" ;; esac
for word; do
  case $word in -artifact_prefix=*) prefix=${word#*=} ;; esac
done
[ -z "$FINDING" ] || printf %s "$FINDING" >"${prefix}crash-1234"
exit "${ENGINE_EXIT:-0}"
"""


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Copy(ProgramTest):
    """A clean clone as far as the scripts see, where nothing was built."""

    def setUp(self):
        super().setUp()
        self.root = self.path / "fuzz scripts"
        (self.root / "scripts").mkdir(parents=True)
        shutil.copytree(ROOT / "scripts/lib", self.root / "scripts/lib")
        for name in COPIED:
            shutil.copy(ROOT / "scripts" / name, self.root / "scripts")
        executable(self.root / "scripts/prepare", "#!/bin/sh\n")
        executable(self.root / "bin/cmake", CMAKE)
        executable(self.root / "engine", ENGINE)
        for harness in HARNESSES:
            source = self.root / f"fuzz/harness/{harness}_fuzzer.cc"
            source.parent.mkdir(parents=True, exist_ok=True)
            source.touch()
        for kind in ("form", "basic", "scope", "request"):
            shutil.copytree(ROOT / "fuzz/seeds" / kind, self.root / "fuzz/seeds" / kind)
        self.variables = {
            "PATH": f"{self.root}/bin:{os.environ['PATH']}",
            "ROOT_COPY": str(self.root),
            "PREBUILT": str(BUILD),
        }

    def run_program(self, program, *words, cwd=None, **variables):
        return run(
            *words,
            program=program,
            cwd=cwd or self.root,
            env={**self.variables, **variables},
            seconds_max=SECONDS_MAX,
        )

    def run_script(self, name, *words, **options):
        return self.run_program(self.root / "scripts" / name, *words, **options)

    def run_shell(self, command):
        return self.run_program("bash", "-c", command)

    def one_sentence(self, done, text):
        self.assertEqual(done.returncode, 2, done)
        lines = [
            line for line in done.stderr.splitlines() if not line.startswith("grantspec: building")
        ]
        self.assertEqual(len(lines), 1, done.stderr)
        self.assertIn(text, lines[0])
        self.assertNotIn("a finding: ", done.stderr)

    def library(self, name, abi=1):
        """A shared library of an adapter, made for a version of fuzz/adapter.h."""
        source = self.root / f"{name}.c"
        text = (ROOT / "fuzz/adapters/example.c").read_text(encoding="utf-8")
        source.write_text(text.replace("GRANTSPEC_ADAPTER_ABI", str(abi)), encoding="utf-8")
        subprocess.run(
            ["cc", "-shared", "-fPIC", f"-I{ROOT}", source, "-o", self.root / f"{name}.so"],
            check=True,
        )
        return self.root / f"{name}.so"


class Usage(Copy):
    def test_numbers_of_fuzz(self):
        for words in (
            ["form", "abc"],
            ["form", "-5"],
            ["form", "0"],
            ["form", "1.5"],
            ["form", "5s"],
            ["form", "--jobs", "x"],
            ["form", "--jobs=-1"],
            ["form", "--jobs=0"],
            ["form", "5", "--jobs"],
        ):
            with self.subTest(words=words):
                self.one_sentence(self.run_script("fuzz", *words), "number")
        self.one_sentence(self.run_script("fuzz", "form", "5", "6"), "unexpected argument 6")
        self.assertFalse((self.root / "cmake.log").exists(), "nothing is built for a usage error")

    def test_an_unknown_harness_suggests_the_closest(self):
        for script in ("fuzz", "replay"):
            self.one_sentence(self.run_script(script, "fom", "5"), "did you mean form?")
            self.one_sentence(
                self.run_script(script, "zzzz", "5"), "it is one of: basic differential form"
            )
            self.one_sentence(self.run_script(script, "../form"), "unknown harness")
            self.one_sentence(self.run_script(script), "HARNESS is missing")

    def test_inputs_that_do_not_exist(self):
        self.one_sentence(self.run_script("replay", "form", "none"), "none does not exist")
        self.one_sentence(self.run_script("replay", "form"), "FILE_OR_DIRECTORY is missing")
        self.one_sentence(self.run_script("replay", "form", "--colour"), "unknown option --colour")
        self.one_sentence(self.run_script("adapter-check"), "ADAPTER.so is missing")
        self.one_sentence(self.run_script("promote", "form-crash-0"), "cannot read form-crash-0")
        self.one_sentence(self.run_script("fuzz", "remote"), "GRANTSPEC_TARGET_URL")


class Findings(Copy):
    def test_a_finding_of_an_earlier_run_is_not_reported(self):
        old = self.root / "build/findings/form-crash-old"
        old.parent.mkdir(parents=True)
        old.touch()
        done = self.run_script("fuzz", "form", "1", ENGINE_EXIT="1")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("form ended with exit code 1 and without a finding", done.stderr)
        self.assertNotIn("crash-old", done.stderr)
        self.assertEqual(self.run_script("fuzz", "form", "1").returncode, 0)

    def test_the_same_finding_twice_is_reported_twice(self):
        for _ in range(2):
            done = self.run_script("fuzz", "form", "1", ENGINE_EXIT="77", FINDING="a=%")
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("a finding: build/findings/form-crash-1234", done.stderr)
        self.assertEqual(
            [p.name for p in (self.root / "build/findings").iterdir()], ["form-crash-1234"]
        )

    def printed(self, done, label):
        return next(
            line.split(":", 1)[1].strip()
            for line in done.stderr.splitlines()
            if line.startswith(label)
        )

    def test_the_printed_replay_works_where_nothing_was_built(self):
        for words in ({}, {"cwd": "/"}):
            for folder in ("build/release", "build/fuzz"):
                shutil.rmtree(self.root / folder, ignore_errors=True)
            done = self.run_script("fuzz", "form", "1", ENGINE_EXIT="77", FINDING="a=1", **words)
            self.assertEqual(done.returncode, 1, done)
            replay = self.run_shell(self.printed(done, "replay, any compiler"))
            self.assertEqual(replay.returncode, 0, replay)
            self.assertIn("1 inputs, no finding", replay.stdout)

    def test_the_printed_replay_has_the_defect_that_was_switched_on(self):
        done = self.run_script(
            "fuzz",
            "form",
            "1",
            ENGINE_EXIT="77",
            FINDING="a=1&a=2",
            GRANTSPEC_MUTANT="form_last_wins",
        )
        replay = self.run_shell(self.printed(done, "replay, any compiler"))
        self.assertNotEqual(replay.returncode, 0, replay)
        self.assertIn("broken: ", replay.stderr)

    def test_promote_builds_grantspec(self):
        (self.root / "form-crash-1").write_bytes(b"a=%zz")
        done = self.run_script("promote", "form-crash-1")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("expects invalid_request; the reference endpoint: pass", done.stdout)
        command = next(line for line in done.stdout.splitlines() if line.startswith("run it:"))
        words = shlex.split(command.removeprefix("run it:"))
        self.assertEqual(words[:2], ["scripts/conformance", "URL"])
        # Without URL it is the embedded endpoint.
        run = self.run_shell(shlex.join([words[0], *words[2:]]))
        self.assertEqual(run.returncode, 0, run)
        self.one_sentence(
            self.run_script("promote", "form-crash-1", "--harness", "profile"),
            "no case can be made",
        )


class Adapters(Copy):
    def unusable(self):
        text = self.root / "text.so"
        text.write_text("not a library\n", encoding="utf-8")
        broken = self.root / "broken.so"
        broken.write_bytes(b"\x7fELF and no more")
        return {
            "": "not set",
            str(self.root / "none.so"): "not a file",
            str(self.root): "not a file",
            str(text): "not a shared library",
            str(broken): "cannot load the shared library",
            str(self.library("version_two", abi=2)): "was built for version 2 of fuzz/adapter.h",
        }

    def test_scripts_refuse_an_adapter_that_cannot_be_used(self):
        old = self.root / "build/findings/differential-crash-old"
        old.parent.mkdir(parents=True)
        old.touch()
        # The stand-in of the engine loads no adapter: this one does.
        executable(
            self.root / "engine",
            (
                f"#!/bin/sh\nexec {shlex.quote(str(BUILD))}/differential_replay "
                f"{shlex.quote(str(self.root))}/fuzz/seeds/form\n"
            ),
        )
        for adapter, text in self.unusable().items():
            with self.subTest(adapter=adapter):
                self.one_sentence(
                    self.run_script("fuzz", "differential", "1", GRANTSPEC_ADAPTER=adapter), text
                )
                self.one_sentence(
                    self.run_script(
                        "replay", "differential", "fuzz/seeds/form", GRANTSPEC_ADAPTER=adapter
                    ),
                    text,
                )
                if adapter:
                    self.one_sentence(self.run_script("adapter-check", adapter), text)

    def test_programs_refuse_an_adapter_that_cannot_be_used(self):
        for adapter, text in self.unusable().items():
            if not adapter:
                continue
            text = text.replace("not a shared library", "cannot load the shared library")
            with self.subTest(adapter=adapter):
                for name in ("differential_replay", "adapter_check"):
                    seeds = self.root / "fuzz/seeds/form"
                    done = self.run_program(BUILD / name, seeds, GRANTSPEC_ADAPTER=adapter)
                    self.one_sentence(done, text)

    def test_paths_are_relative_to_the_user(self):
        self.library("mine")
        folder = self.root / "elsewhere"
        folder.mkdir()
        for cwd, path in ((self.root, "mine.so"), (folder, "../mine.so")):
            done = self.run_script(
                "replay",
                "differential",
                self.root / "fuzz/seeds/form",
                cwd=cwd,
                GRANTSPEC_ADAPTER=path,
            )
            self.assertEqual(done.returncode, 0, done)
            self.assertEqual(self.run_script("adapter-check", path, cwd=cwd).returncode, 0)

    def test_undeclared_differences_fail_the_check(self):
        library = BUILD / "openssl_base64.so"
        done = self.run_script("adapter-check", library)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("undeclared adapter_accepts", done.stdout)
        quirks = ROOT / "fuzz/quirks/openssl_base64.json"
        done = self.run_script("adapter-check", library, "--quirks", quirks)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("undeclared", done.stdout)

    def test_the_printed_replay_of_a_difference_works(self):
        (self.root / "bad").write_bytes(b"Basic YTpi ")
        done = self.run_script(
            "replay", "differential", "bad", GRANTSPEC_ADAPTER=str(BUILD / "openssl_base64.so")
        )
        self.assertNotIn(done.returncode, (0, 2), done)
        command = next(
            line.split(":", 1)[1].strip()
            for line in done.stderr.splitlines()
            if "replay:   " in line
        )
        shutil.rmtree(self.root / "build/release")
        again = self.run_shell(command)
        self.assertNotIn(again.returncode, (0, 2), again)
        self.assertIn("undeclared difference: basic, adapter_accepts", again.stderr)


class Parsers(Copy):
    """scripts/fuzz --adapter builds and checks a parser, and prints its differences by cause."""

    def setUp(self):
        super().setUp()
        shutil.copytree(ROOT / "fuzz/adapters", self.root / "fuzz/adapters")
        shutil.copy(ROOT / "fuzz/adapter.h", self.root / "fuzz")

    def test_a_program_is_asked_through_a_pipe(self):
        parser = self.root / "fuzz/adapters/pipe_python.py"
        done = self.run_script("fuzz", "--adapter", parser, "1")
        self.assertEqual(done.returncode, 1, done)
        causes = done.stdout.split("basic, adapter_accepts")[1:]
        self.assertEqual(len(causes), 4, done.stdout)
        self.assertIn("verdict:   both are lawful: RFC 4648 section 3.5", done.stdout)
        self.assertIn("verdict:   the adapter accepts what RFC 7617 section 2", done.stdout)

    def test_the_offered_quirks_declare_all_differences(self):
        parser = self.root / "fuzz/adapters/pipe_python.py"
        done = self.run_script("fuzz", "--adapter", parser, "1")
        lines = [line.strip() for line in done.stdout.splitlines()]
        offered = [line.removeprefix("quirk:") for line in lines if line.startswith("quirk:")]
        quirks = self.root / "quirks.json"
        quirks.write_text('{"quirks": [' + ",".join(offered) + "]}", encoding="utf-8")
        done = self.run_script("fuzz", "--adapter", parser, "1", GRANTSPEC_QUIRKS=str(quirks))
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("undeclared", done.stdout)

    def test_a_c_source_is_built(self):
        done = self.run_script("fuzz", "--adapter=fuzz/adapters/example.c", "1")
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("undeclared", done.stdout)

    def test_a_parser_that_cannot_be_used(self):
        for parser, content, text in (
            ("none.c", None, "none.c is not a file"),
            ("text", "a", "neither a library, a C source nor a program"),
            ("mine.so", "a", "is not a shared library"),
        ):
            if content is not None:
                (self.root / parser).write_text(content, encoding="utf-8")
            self.one_sentence(self.run_script("fuzz", "--adapter", parser, "1"), text)
        (self.root / "bad.c").write_text("int", encoding="utf-8")
        done = self.run_script("fuzz", "--adapter", "bad.c", "1")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("bad.c cannot be built; ADAPTER_FLAGS names libraries", done.stderr)
        for name, program, text in (
            ("ends.py", "", "ended"),
            ("babbles.py", "print('a' * 100, flush=True)\nimport sys\nsys.stdin.read()", "without"),
        ):
            (self.root / name).write_text(program, encoding="utf-8")
            done = self.run_script("fuzz", "--adapter", name, "1")
            self.assertEqual(done.returncode, 2, done)
            self.assertIn("adapter: the program of GRANTSPEC_PIPE", done.stderr)
            self.assertIn(text, done.stderr)


class Clang(unittest.TestCase):
    @unittest.skipUnless(
        shutil.which("clang++") and (ROOT / "build/fuzz/form_fuzzer").exists(),
        "clang is not installed, or build/fuzz was not built",
    )
    def test_a_run_without_a_finding(self):
        done = run("form", "1", program=ROOT / "scripts/fuzz")
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertIn("nothing found in 1 s", done.stderr)

    @unittest.skipUnless(shutil.which("clang++"), "clang is not installed")
    def test_mechanical_mutants_of_a_source(self):
        mutate = ROOT / "scripts/mutate"
        done = run("--list", ROOT / "fixtures/grammar/percent.cc", program=mutate)
        self.assertEqual(done.returncode, 0, done)
        changes = {line.split(": ", 1)[1] for line in done.stdout.splitlines()}
        for change in (
            "text.size() - i < 3  ->  text.size() - i <= 3",
            "text.size() - i < 3  ->  true",
            "value >> 4  ->  value << 4",
            "high < 0 || low < 0  ->  high < 0 && low < 0",
            "'%'  ->  static_cast<char>('%' + 1)",
            "i += 2  ->  (left out)",
            "high * 16 + low  ->  high * 16 - low",
        ):
            self.assertIn(change, changes)
        done = run("--list", "/etc/passwd", program=mutate)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("inside of this repository", done.stderr)


if __name__ == "__main__":
    main(arguments=ARGUMENTS[1:])
