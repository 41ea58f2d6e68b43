#!/usr/bin/env python3
"""Uses the command as people and CI jobs do: exit codes, bad input, selections, what it shows.

usage: test_command.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import json
import re
import signal
import threading
import xml.etree.ElementTree as ElementTree

from lib.clients import MAIN, READ, SCOPES, USER
from lib.listener import free_port
from lib.programs import ENDPOINT, run
from lib.reports import report_options
from lib.spellings import common_spellings
from lib.target import Response, Target, json_response
from lib.testing import ProgramTest, main


class Command(ProgramTest):
    def test_embedded_endpoint_passes(self):
        options, paths = report_options(self.path, ("json", "junit"))
        done = run(*options)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
        report = self.read(paths["json"])
        self.assertEqual(report["schema"], "grantspec-report/2")
        self.assertGreater(report["summary"]["pass"], 400)
        self.assertEqual(report["summary"]["fail"], 0)
        tree = ElementTree.parse(paths["junit"]).getroot()
        self.assertEqual(len(tree.findall(".//testcase")), len(report["cases"]))
        self.assertIn("not run:", done.stdout)

    def no_secret(self, *texts):
        for spelling in common_spellings(MAIN.secret, MAIN.id):
            for text in texts:
                self.assertNotIn(spelling, text)

    def test_a_url_is_tested_and_findings_are_reported(self):
        main_alone = {"id": MAIN.id, "secret": MAIN.secret, "scopes": SCOPES.split()[:2]}
        endpoint = self.endpoint("--clients", self.write("c.json", {"clients": [main_alone]}))
        user = (endpoint.url, "--user-env", "U", "--scope")
        options, paths = report_options(self.path, ("json", "junit"))
        # The scope that is claimed to be granted is not: true findings, which get reported.
        done = run(*user, SCOPES, *options, "-v", env=USER)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])
        strict = run(*user, f"billing:batches:submit {READ}", env=USER)
        self.assertEqual(strict.returncode, 3)
        self.assertEqual(endpoint.stop(), 0)
        self.no_secret(done.stdout + done.stderr, *[p.read_text() for p in paths.values()])

    def test_a_target_that_is_starting_is_waited_for(self):
        port = free_port()
        user = (f"http://127.0.0.1:{port}/billing/oauth2/token", "--user-env", "U")
        self.assertEqual(run(*user, env=USER).returncode, 3)
        late = threading.Timer(1, lambda: self.endpoint("--port", str(port)))
        late.start()
        done = run(*user, "--scope", SCOPES, "--category", "json", "--wait-for", "20", env=USER)
        late.join()
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_cases_of_ones_own_are_checked(self):
        good = {
            "cases": [
                {"id": "x", "title": "A case", "clauses": ["RFC6749-5.2-12"], "response": "token"}
            ]
        }
        self.assertIn(
            "1 case, no mistake found",
            run("--check-cases", self.write("own.json", good)).stdout,
        )
        good["cases"][0]["answr"] = "token"
        done = run("--check-cases", self.write("own.json", json.dumps(good, indent=1)))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"own\.json:\d+: .*answr")

    def test_usage_errors_are_exit_2_and_one_sentence(self):
        bad_case = self.write(
            "bad.json", '{"cases": [\n {"id": "x", "title": "T", "clauses": ["NOPE-01"]}]}'
        )
        bad_profile = self.write("profile.json", '{\n "bse": "pyng"}')
        for arguments in (
            ["--no-such-option"],
            ["--gtest_fliter=x"],
            ["-gtest_fliter=x"],
            ["--gtestfilter=x"],
            ["example.org/token", "--user-env", "U"],
            ["http://127.0.0.1:1/t"],
            ["http://127.0.0.1:1/t", "--user-env", "NOT_SET"],
            ["http://127.0.0.1:1/t", "--user-env", "U", "--user-file", "x"],
            ["--cases", bad_case],
            ["--cases", "/nowhere.json"],
            ["--profile", bad_profile],
            ["--profile", "/nowhere.json"],
            ["--rate", "fast"],
            ["--parallel-max", "0"],
            ["--max-time", "-1"],
            ["--category", "nope"],
            ["--explain", "nope"],
            ["--level", "most"],
            ["--fail-on", "x"],
            ["--base", "x"],
            ["a", "b"],
        ):
            self.usage_error(run(*arguments, env={"U": "a:b"}))
        self.assertIn("bad.json:2:", run("--cases", bad_case).stderr)
        self.assertIn("profile.json:2:", run("--profile", bad_profile).stderr)

    def test_a_report_that_cannot_be_written_is_an_error(self):
        done = run("--gtest_filter=grant_type.baseline", "--report-json", "/nowhere/r.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere/r.json", done.stderr)

    def test_what_is_left_out_is_named_by_its_reason(self):
        safe = run("--tier", "safe").stdout
        self.assertRegex(safe, r"not run: .*, 0 deselected, [1-9]\d* in tier abuse: --tier all\n")
        self.assertRegex(run("--tier", "all").stdout, r"not run: .*, 0 deselected\n")
        one = run("--tier", "safe", "--category", "token").stdout
        self.assertRegex(one, r"not run: .*, [1-9]\d* deselected, 3 in tier abuse: --tier all\n")

    def test_nothing_selected_is_exit_5(self):
        for arguments in (
            ["--gtest_filter=nope.*"],
            ["--requirement", "RFC9999"],
            ["--gtest_filter=transport_tls.tls12_or_13"],
        ):
            done = run(*arguments)
            self.assertEqual(done.returncode, 5, (arguments, done.stdout))

    def test_a_target_that_cannot_be_judged_is_exit_3_with_a_report(self):
        servers = {
            "silent": lambda _: None,
            "closes": b"",
            "garbage": b"SSH-2.0-OpenSSH_9.2\r\n",
            "html": Response(200, b"hi"),
            "refuses": json_response({"error": "invalid_client"}, 401),
        }
        urls = {name: self.kept(Target(response)).url for name, response in servers.items()}
        urls["refused"] = "http://127.0.0.1:1/token"
        urls["no_tls"] = urls["html"].replace("http:", "https:")
        urls["no_host"] = "http://no-such-host.invalid/token"
        for name, url in urls.items():
            options, paths = report_options(self.path, ("json", "junit"), name)
            done = run(url, "--user-env", "U", "-m", "1", *options, env=USER)
            self.assertEqual(done.returncode, 3, (name, done.stdout, done.stderr))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual(self.read(paths["json"])["exit_code"], 3)
            tree = ElementTree.parse(paths["junit"]).getroot()
            self.assertEqual(len(tree.findall(".//error")), 1)
            self.no_secret(done.stdout + done.stderr, paths["json"].read_text())

    def test_inspecting_sends_nothing(self):
        self.assertIn("scope.unknown_only", run("--list").stdout)
        explained = run("--explain", "scope.unknown_only").stdout
        self.assertIn("RFC6749-5.2-12", explained)
        self.assertEqual(run("--explain", "sc-027-unknown-only").stdout, explained)
        options = ("--user-env", "U", "--scope", "a b", "--plan")
        plan = run("http://127.0.0.1:1/t", *options, env={"U": "x:longsecret"})
        self.assertEqual(plan.returncode, 0, plan.stderr)
        self.assertIn("tokens issued", plan.stdout)
        self.assertNotIn("longsecret", plan.stdout)
        self.assertEqual(run("--gtest_list_tests").returncode, 0)

    def test_sharding_and_filters_are_honoured(self):
        def passed(env=None):
            done = run("--category", "scope", env=env)
            return int(re.search(r"(\d+) passed, 0 failed", done.stdout)[1])

        shards = [{"GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": index} for index in "01"]
        self.assertEqual(sum(passed(one) for one in shards), passed())

    def test_environment_stands_behind_the_command_line(self):
        done = run("--gtest_filter=grant_type.baseline", env={"GRANTSPEC_FAIL_ON": "nonsense"})
        self.assertEqual(done.returncode, 2)
        done = run("--gtest_filter=grant_type.baseline", "--fail-on", "must")
        self.assertEqual(done.returncode, 0)

    def test_colour_is_for_those_who_want_it(self):
        self.assertNotIn("\x1b[", run("--category", "json").stdout)
        self.assertIn("\x1b[", run("--category", "json", env={"CLICOLOR_FORCE": "1"}).stdout)
        self.assertNotIn(
            "\x1b[", run("--category", "json", env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}).stdout
        )

    def test_endpoint_command(self):
        for arguments in (["--nope"], ["--clients", "/nowhere"]):
            self.assertEqual(run(*arguments, program=ENDPOINT).returncode, 2)
        endpoint = self.endpoint()
        busy = run("--port", str(endpoint.port), program=ENDPOINT)
        self.assertEqual(busy.returncode, 3)
        self.assertEqual(busy.stderr.count("\n"), 1)
        self.assertEqual(endpoint.stop(signal.SIGINT), 0)


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
