#!/usr/bin/env python3
"""Reports that are read again: merged, compared, replayed, malformed.

usage: test_report_files.py GRANTSPEC
"""
import copy
import json
import random

from lib import reports
from lib.programs import run
from lib.testing import ProgramTest, main


def paths_in(value, prefix=()):
    """The path of each member and of the first items of each list."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*prefix, name)
            yield from paths_in(member, (*prefix, name))
    elif isinstance(value, list):
        for index, item in enumerate(value[:1]):
            yield (*prefix, index)
            yield from paths_in(item, (*prefix, index))


def with_value(report, path, value):
    changed = copy.deepcopy(report)
    at = changed
    for name in path[:-1]:
        at = at[name]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(changed, indent=1)


class ReportFiles(ProgramTest):
    CODES = {0, 1, 2, 3, 4, 5, 130}

    def shard(self, index, shards=3, env=None, **options):
        path = str(self.path / f"shard{index}.json")
        done = run(
            "--category",
            "scope",
            "--report-json",
            path,
            env={"GTEST_TOTAL_SHARDS": str(shards), "GTEST_SHARD_INDEX": str(index), **(env or {})},
            **options,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def test_shards_are_counted(self):
        shards = [self.shard(i, env={"GRANTSPEC_RUN_ID": "42"}) for i in range(3)]
        self.assertEqual(
            self.read(shards[1])["run"], {"id": "42", "shard": 1, "shards": 3, "interrupted": False}
        )
        # The embedded endpoint has another port in each shard, and is one target.
        whole = run("--merge-reports", *shards)
        self.assertEqual(whole.returncode, 0, whole.stderr)
        reports.validate(json.loads(whole.stdout))
        for wrong, text in (
            ([shards[0], shards[2]], "no report of shard 1"),
            ([*shards, shards[1]], "shard 1 is given twice"),
            ([shards[0], shards[0]], "shard 0 is given twice"),
        ):
            done = run("--merge-reports", *wrong)
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn(text, done.stderr)
            reports.validate(json.loads(done.stdout))
        other = self.shard(2, env={"GITHUB_RUN_ID": "43"})
        self.assertEqual(run("--merge-reports", *shards[:2], other).returncode, 5)

    def test_a_merged_report_that_cannot_be_written_is_a_usage_error(self):
        one = self.shard(0, 1)
        full = self.device("full", 7)
        self.usage_error(run("--merge-reports", one, "--report-json", full), full)
        self.usage_error(run("--merge-reports", one, "--report-json", self.path))

    def test_an_invalid_shard_is_a_usage_error(self):
        for index, shards in (("3", "3"), ("x", "3"), ("0", "-1")):
            done = run(
                "--category",
                "scope",
                env={"GTEST_TOTAL_SHARDS": shards, "GTEST_SHARD_INDEX": index},
            )
            self.usage_error(done, "GTEST_")

    def test_the_stored_exit_code_is_not_trusted(self):
        report = self.read(self.shard(0, 1))
        report["cases"][0]["verdict"] = "fail"
        done = run("--merge-reports", self.write("f.json", report))
        self.assertEqual(done.returncode, 1, done.stderr)

    def test_gone_cases_and_other_targets_are_regressions(self):
        old = self.shard(0, 1)
        report = self.read(old)
        fewer = {**report, "cases": report["cases"][:3]}
        few = self.write("few.json", fewer)
        self.assertEqual(run("--compare", old, few).returncode, 1)
        self.assertEqual(run("--compare", old, few, "--allow-gone").returncode, 0)
        none = self.write("none.json", {**report, "cases": []})
        self.assertEqual(run("--compare", old, none, "--allow-gone").returncode, 1)
        target = {"url": "https://a.example/token", "insecure": False, "embedded": False}
        done = run("--compare", old, self.write("t.json", {**report, "target": target}))
        self.assertEqual(done.returncode, 1)
        self.assertIn("different targets", done.stdout)
        self.usage_error(run("--allow-gone"), "--compare")

    def check(self, text, good):
        path = self.path / "mutant.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        for arguments in (
            ["--compare", str(path), good],
            ["--compare", good, str(path)],
            ["--merge-reports", str(path), good],
        ):
            done = run(*arguments)
            self.assertIn(done.returncode, self.CODES, (done.stderr, text[:3000]))
            if done.returncode == 2:
                self.usage_error(done, "mutant.json")
        return done.returncode

    def test_malformed_reports_are_usage_errors_with_a_line(self):
        report = self.read(self.shard(0, 1))
        good = self.write("good.json", report)
        report["cases"] = report["cases"][:3]
        text = json.dumps(report, indent=1)
        wrong = [
            *[
                with_value(report, p, v)
                for p, v in (
                    (("summary",), 1),
                    (("summary", "requests"), "x"),
                    (("seconds",), "x"),
                    (("requirements", 0), {}),
                    (("requirements", 0), 1),
                    (("cases", 0, "id"), 7),
                    (("cases", 0, "id"), "A B"),
                    (("cases", 0), []),
                    (("cases", 1), report["cases"][0]),
                    (("cases", 0, "verdict"), "splendid"),
                    (("summary", "requests"), -1),
                    (("exit_code",), 10**30),
                    (("run", "shards"), 1),
                    (("schema",), "grantspec-report/9"),
                    (("target",), []),
                    (("suite",), None),
                )
            ],
            text.replace('"seconds": ', '"seconds": 1e999, "x": ', 1),
            "",
            "[]",
            "null",
            "\0",
            text + "x",
            text.encode()[:200] + b"\xff\xfe" + text.encode()[200:],
            "[" * 1_000_000,
            '{"a":' * 1_000_000,
            text.replace("{", '{"schema": 1,', 1),
        ]
        for one in wrong:
            self.assertEqual(self.check(one, good), 2, one[:300])
        done = run("--replay", str(self.path / "mutant.json"))
        self.usage_error(done, "mutant.json:2")

    def test_mutated_reports_never_end_in_an_internal_error(self):
        report = self.read(self.shard(0, 1))
        good = self.write("good.json", report)
        report["cases"] = [
            {
                **report["cases"][0],
                "exchanges": [
                    {
                        "request": {"step": "a", "line": "POST / HTTP/1.1", "octets": "x"},
                        "response": {
                            "status_line": "x",
                            "fields": [{"name": "a", "value": "b"}],
                            "content": "c",
                        },
                    }
                ],
            }
        ]
        report["attention"] = [{"waiver": "a.*", "message": "m", "unused": True, "unsettled": []}]
        chance = random.Random(1)
        values = [None, True, 0, -1, 10**30, 1.5, "", "x\ny\u202e", [], {}, [[1]], {"a": {}}]
        for path in paths_in(report):
            for value in chance.sample(values, 2):
                self.check(with_value(report, path, value), good)
        text = json.dumps(report).encode()
        for _ in range(60):
            self.check(text[: chance.randrange(len(text))], good)
            at = chance.randrange(len(text))
            self.check(text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :], good)


if __name__ == "__main__":
    main("grantspec")
