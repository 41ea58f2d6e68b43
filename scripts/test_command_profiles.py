#!/usr/bin/env python3
"""Profiles that the command writes for a target, and reads again.

usage: test_command_profiles.py GRANTSPEC GRANTSPEC-ENDPOINT
"""
import re

from lib.clients import MAIN, READ, USER
from lib.programs import run
from lib.testing import ProgramTest, main

SCOPE = f"{READ} billing:customers:read"
PROFILE_SECRET = {"GRANTSPEC_SECRET": MAIN.secret}


class Profiles(ProgramTest):
    def test_a_profile_is_learned_and_can_be_read(self):
        url = self.endpoint("--fault", "form_repeat_first_wins").url
        path = self.path / "learned.json"
        options = ("--user-env", "U", "--scope", SCOPE, "--write-profile")
        done = run(url, *options, path, env=USER)
        self.assertEqual(done.returncode, 0, (done.stdout, done.stderr))
        self.assertNotIn(MAIN.secret, path.read_text() + done.stdout)
        switches = self.read(path)["switches"]
        self.assertEqual(switches["scope.missing"]["is"], "required")
        self.assertEqual(switches["strict.repeat"]["is"], "off")
        self.assertIn("form_encoding.repeat_grant_equal", switches["strict.repeat"]["note"])
        self.assertEqual(switches["ct.json"]["is"], "refuse")
        # A profile is not written over; one that is read counts.
        self.assertEqual(run(url, *options, path, env=USER).returncode, 2)
        again = run(url, "--profile", path, "--gtest_filter=scope.omitted", env=PROFILE_SECRET)
        self.assertEqual(again.returncode, 0, (again.stdout, again.stderr))
        embedded = self.path / "embedded.json"
        common = run(url, *options, embedded, env={"U": "a:billing"})
        self.assertEqual(common.returncode, 2, common.stdout)
        self.assertEqual(run("--write-profile", embedded).returncode, 2)
        nobody = run("http://127.0.0.1:1/t", *options, self.path / "no.json", env=USER)
        self.assertEqual(nobody.returncode, 3)
        self.assertFalse((self.path / "no.json").exists())

    def test_what_a_lawful_server_chose_is_learned(self):
        for variant, learned in {
            "scope_default_added": {"scope.additions": "reported", "scope.registry": "kept"},
            "scope_registry_none": {"scope.additions": "none", "scope.registry": "none"},
            "grant_is_unauthorized_client": {"grant.unknown": "either", "scope.additions": "none"},
            "waf_403": {"waf": "present", "scope.registry": "kept"},
        }.items():
            with self.subTest(variant):
                url = self.endpoint("--variant", variant).url
                path = self.path / f"{variant}.json"
                options = ("--user-env", "U", "--scope", SCOPE, "--write-profile", path)
                done = run(url, *options, env=USER)
                self.assertEqual(done.returncode, 0, (done.stdout, done.stderr))
                switches = self.read(path)["switches"]
                got = {name: switches[name]["is"] for name in learned if name in switches}
                self.assertEqual(got, learned)
                self.assertLess(int(re.search(r"with (\d+) requests", done.stdout)[1]), 80)
                again = run(url, "--profile", path, env=PROFILE_SECRET)
                # 5: what the firewall refused could not be judged.
                expected = 5 if variant == "waf_403" else 0
                self.assertEqual(again.returncode, expected, again.stdout[-1500:])


if __name__ == "__main__":
    main("grantspec", "grantspec-endpoint")
