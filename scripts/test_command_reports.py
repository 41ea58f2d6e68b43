#!/usr/bin/env python3
"""Works with reports as people and CI jobs do: compared, merged, replayed, read by causes, waived.

usage: test_command_reports.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import json

from lib import reports
from lib.clients import SCOPES, TARGET_OPTIONS, USER
from lib.programs import run
from lib.testing import ProgramTest, main


class Reports(ProgramTest):
    def test_reports_are_compared_joined_and_replayed(self):
        good, bad, shards = self.path / "good.json", self.path / "bad.json", []
        url = self.endpoint().url
        faulty_url = self.endpoint("--fault", "scope_order_matters").url
        target = ["--user-env", "U", "--scope", SCOPES, "--category", "scope"]
        self.assertEqual(run(url, *target, "--report-json", good, env=USER).returncode, 0)
        self.assertEqual(run(faulty_url, *target, "--report-json", bad, env=USER).returncode, 1)
        reports.validate(self.read(good))
        # The same target before and after a change: the two servers differ in their port alone.
        changed = self.read(bad)
        changed["target"]["url"] = url
        after = self.write("after.json", changed)
        worse, better = run("--compare", good, after), run("--compare", after, good)
        self.assertEqual((worse.returncode, better.returncode), (1, 0))
        self.assertIn("regressions", worse.stdout)
        self.assertIn("scope.order_ab: fail -> pass", better.stdout)
        self.assertEqual(run("--compare", good, good).stdout, "no case differs\n")
        again = run(faulty_url, *target, "--replay", bad, env=USER)
        self.assertEqual(again.returncode, 1)
        self.assertIn("0 passed", again.stdout)
        self.assertEqual(run(faulty_url, *target, "--replay", good, env=USER).returncode, 5)
        differ = run(url, *target, "--reference", faulty_url, env=USER)
        self.assertEqual(differ.returncode, 0)
        self.assertIn("scope.order_ab", differ.stdout)
        for index in ("0", "1"):
            shards.append(self.path / f"shard{index}.json")
            env = {**USER, "GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": index}
            run(url, *target, "--report-json", shards[-1], env=env)
        merged = run("--merge-reports", *shards)
        self.assertEqual(merged.returncode, 0, merged.stderr)
        report = json.loads(merged.stdout)
        reports.validate(report)
        self.assertEqual(report["summary"]["pass"], self.read(good)["summary"]["pass"])
        self.assertEqual(run("--merge-reports", good, bad).returncode, 2)  # another target
        self.assertEqual(run("--compare", good, "/nowhere").returncode, 2)
        self.assertEqual(run("--compare", good, self.write("x.json", "{}")).returncode, 2)

    def test_a_run_is_read_by_causes(self):
        user = {**USER, "COLUMNS": "80"}
        url = self.endpoint("--fault", "secret_never_checked").url
        healthy_url = self.endpoint().url
        report = self.path / "causes.json"
        target = ["--user-env", "U", "--scope", SCOPES]
        done = run(url, *target, "--report-json", report, env=user)
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertLess(len(lines), 120)
        first = next(i for i, line in enumerate(lines) if line.startswith("FAIL"))
        self.assertIn("The secret is not checked", lines[first])
        self.assertLessEqual(lines.index("", first) - first, 12)
        written = self.read(report)
        reports.validate(written)
        cause = written["causes"][0]
        self.assertIn("client_auth_basic.wrong_secret", cause["explains"])
        ids = {case["id"]: case.get("cause") for case in written["cases"]}
        self.assertTrue(all(ids[name] == cause["id"] for name in cause["explains"]))
        reproduce = next(line for line in lines if line.startswith("     reproduce  "))
        command = reproduce.removeprefix("     reproduce  ")
        pasted = run("-c", command, program="sh", env=user)
        self.assertEqual(pasted.returncode, 1, pasted.stdout + pasted.stderr)
        for target_url, state, code in ((url, "still there", 1), (healthy_url, "gone", 0)):
            replay = run(target_url, *target, "--replay", report, "--cause", cause["id"], env=user)
            self.assertIn(f"cause {cause['id']}: {state}", replay.stdout)
            self.assertEqual(replay.returncode, code, replay.stdout)
        for arguments in (["--cause", cause["id"]], ["--replay", report, "--cause", "0"]):
            self.assertEqual(run(url, *target, *arguments, env=user).returncode, 2)
        quiet = run(url, *target, "--category", "scope", "-q", env=user)
        self.assertEqual(len(quiet.stdout.splitlines()), 1, quiet.stdout)
        unreachable = run("http://127.0.0.1:9/token", "--user-env", "U", "-q", env=user)
        self.assertEqual((unreachable.returncode, unreachable.stdout), (3, ""))
        entry = {"reason": "known", "owner": "me", "expires": "2099-01-01"}
        entries = [{"cause": one["id"], **entry} for one in written["causes"]]
        waived = self.write("by_cause.json", {"waivers": entries})
        done = run(url, *target, "--waivers", waived, env=user)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])
        green = run(healthy_url, *target, env=user)
        self.assertLess(len(green.stdout.splitlines()), 25, green.stdout)

    def test_waivers_have_four_reds(self):
        url = self.endpoint("--fault", "expires_in_string").url
        common = [url, "--user-env", "U", "--scope", SCOPES]
        name, path = "json.expires_in_number", self.path / "w.json"
        waivers = ("--waivers", path)
        self.assertEqual(run(*common, env=USER).returncode, 1)
        run(*common, *waivers, "--update-waivers", env=USER)
        written = self.read(path)["waivers"]
        self.assertIn(name, [w["case"] for w in written])
        waived = run(*common, *waivers, env=USER)
        self.assertEqual(waived.returncode, 0, waived.stdout[-1500:])
        self.assertNotIn(" 0 waived", waived.stdout)
        before = path.read_text()
        run(*common, *waivers, "--update-waivers", env=USER)
        self.assertEqual(path.read_text(), before)
        entry = next(w for w in written if w["case"] == name)
        rest = [w for w in written if w["case"] != name]
        for change, code, text in (
            ({"expires": "2020-01-01"}, 1, "ended on 2020-01-01"),
            ({"observed": "invalid_scope"}, 1, "fails with violated, not with invalid_scope"),
            ({"case": "no.such_case"}, 1, "no case is called no.such_case"),
        ):
            self.write("w.json", {"waivers": rest + [dict(entry, **change)]})
            done = run(*common, *waivers, env=USER)
            self.assertEqual(done.returncode, code)
            self.assertIn(text, done.stdout)
        self.write("w.json", {"waivers": written + [dict(entry, case="scope.unknown_only")]})
        stale = run(*common, *waivers, env=USER)
        self.assertEqual(stale.returncode, 4, stale.stdout[-800:])
        self.assertIn("scope.unknown_only passes now", stale.stdout)
        self.write("w.json", {"waivers": [{"case": "x"}]})
        self.assertEqual(run(*common, *waivers, env=USER).returncode, 2)

    def test_new_cases_are_reported_and_not_scored(self):
        url = self.endpoint("--fault", "pair_cut_at_second_colon").url
        command = [url, *TARGET_OPTIONS, "--gtest_filter=client_auth_basic.third_part"]
        self.assertEqual(run(*command, env=USER).returncode, 1)
        old = (*command, "--case-set", "2026.1")
        done = run(*old, env=USER)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 info", done.stdout)
        self.assertIn("not scored", done.stdout)
        for unknown in ("2099.1", "2025.9", "2026.01", "2026", "x"):
            self.assertEqual(run(*command, "--case-set", unknown, env=USER).returncode, 2, unknown)
        # What is not scored neither wears a waiver out nor loses it.
        waivers = self.path / "waivers.json"
        run(*command, "--waivers", waivers, "--update-waivers", env=USER)
        before = waivers.read_text()
        self.assertIn("third_part", before)
        kept = run(*old, "--waivers", waivers, env=USER)
        self.assertEqual(kept.returncode, 0, kept.stdout)
        run(*old, "--waivers", waivers, "--update-waivers", env=USER)
        self.assertEqual(waivers.read_text(), before)


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
