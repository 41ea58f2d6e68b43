"""Tests of spellings.py, clients.py and reports.py."""
import base64
import pathlib
import tempfile
import unittest

import jsonschema

from lib import clients, reports, spellings
from lib.clients import MAIN, Client

SECRET = "Zq7#kP2vX9!mW4sR"


class Spellings(unittest.TestCase):
    def test_a_secret_is_found_in_base64_wherever_it_stands(self) -> None:
        for before in ("", "a", "ab", "abc", "client:"):
            for after in ("", "x", "xy", "xyz"):
                text = base64.b64encode((before + SECRET + after).encode()).decode()
                found = spellings.common_spellings(SECRET, "client")
                self.assertTrue(any(one in text for one in found), (before, after))

    def test_the_common_spellings_are_different_and_complete(self) -> None:
        found = spellings.common_spellings("a b\u00e9")
        self.assertEqual(len(found), len(set(found)))
        for spelling in ("a b\u00e9", "a%20b%C3%A9", "a+b%C3%A9", "%61%20%62%c3%a9", "612062c3a9"):
            self.assertIn(spelling, found)

    def test_there_are_many_spellings_and_none_is_empty(self) -> None:
        found = spellings.all_spellings(SECRET)
        self.assertGreaterEqual(len(found), 80)
        self.assertEqual(len(found), len(set(found)))
        self.assertTrue(all(found))
        for spelling in (
            "5a 71 37 23",
            "&#90;&#113;",
            "Zq7%2523kP",
            "Zq7#kP<wbr>",
            "Zq7#kP2vX9...",
        ):
            self.assertTrue(any(spelling in one for one in found), spelling)
        self.assertIn(base64.b64encode(b"client:" + SECRET.encode()).decode(), found)

    def test_what_json_and_html_write(self) -> None:
        self.assertEqual(spellings.as_written('a"&'), {'a"&', 'a\\"&', "a&quot;&amp;"})

    def test_credentials_are_found_in_any_reading(self) -> None:
        for data in (
            b"client_id=" + MAIN.id.encode(),
            b"s6%42hd%52kqt3",
            MAIN.basic.encode(),
            b"x=" + base64.b64encode(b"ab" + MAIN.pair.encode()),
        ):
            self.assertIn(MAIN.id, spellings.credentials_in(data), data)
        self.assertEqual(spellings.credentials_in(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), [])


class Clients(unittest.TestCase):
    def test_a_login_is_encoded_as_a_form_first(self) -> None:
        pair = base64.b64decode(Client("a b", "c:d").basic.removeprefix("Basic "))
        self.assertEqual(pair, b"a+b:c%3Ad")

    def test_a_profile_names_variables_and_no_secrets(self) -> None:
        profile, secrets = clients.profile("http://a/", ["second", "no_scope"], base="strict")
        self.assertEqual((profile["url"], profile["base"]), ("http://a/", "strict"))
        self.assertEqual(profile["client"], {"id": MAIN.id, "secret_env": "SECRET_MAIN"})
        self.assertEqual(list(profile["clients"]), ["second", "no_scope"])
        self.assertEqual(profile["clients"]["no_scope"]["granted_scopes"], [])
        self.assertEqual(secrets["SECRET_MAIN"], MAIN.secret)
        self.assertFalse([one for one in secrets.values() if one in str(profile)])


class Reports(unittest.TestCase):
    def test_cases_by_verdict(self) -> None:
        report = {"cases": [{"id": "b", "verdict": "fail"}, {"id": "a", "verdict": "warn"}]}
        self.assertEqual(reports.verdicts(report), {"b": "fail", "a": "warn"})
        self.assertEqual(reports.named(report, "fail"), ["b"])
        self.assertEqual(reports.named(report, "fail", "warn"), ["a", "b"])

    def test_the_options_and_the_paths(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            options, paths = reports.report_options(folder, ("json", "junit"), "x")
            self.assertEqual(paths, {"json": folder / "x.json", "junit": folder / "x.junit"})
            wanted = ["--report-json", str(paths["json"]), "--report-junit", str(paths["junit"])]
            self.assertEqual(options, wanted)
            paths["json"].write_text('{"a": 1}', encoding="utf-8")
            self.assertEqual(reports.read(paths["json"]), {"a": 1})

    def test_a_report_without_its_members_is_invalid(self) -> None:
        with self.assertRaises(jsonschema.ValidationError):
            reports.validate({})


if __name__ == "__main__":
    unittest.main()
