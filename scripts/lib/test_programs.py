"""Tests of programs.py and server.py."""
import os
import signal
import subprocess
import sys
import unittest
from unittest import mock

from lib import programs
from lib.server import Server

# A program that prints a URL, and ends with exit code 3 by SIGTERM.
SERVES = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("ended"), sys.exit(3)))
print("an error", file=sys.stderr, flush=True)
print("serves http://127.0.0.1:4711/a/b", flush=True)
time.sleep(60)
"""


class Arguments(unittest.TestCase):
    def test_programs_are_known_by_their_names_in_any_order(self) -> None:
        found, others = programs.programs_in(["x/grantspec-endpoint", "-v", "/y/grantspec", "T.t"])
        path = os.path.join(os.getcwd(), "x/grantspec-endpoint")
        self.assertEqual(found, {"grantspec-endpoint": path, "grantspec": "/y/grantspec"})
        self.assertEqual(others, ["-v", "T.t"])

    def test_a_program_is_named_once(self) -> None:
        found, others = programs.programs_in(["/a/grantspec", "/b/grantspec"])
        self.assertEqual((found, others), ({"grantspec": "/a/grantspec"}, ["/b/grantspec"]))

    def test_a_missing_program_ends_the_script(self) -> None:
        with mock.patch.object(programs, "PROGRAMS", {"grantspec": "/a"}), mock.patch("sys.stderr"):
            programs.need("grantspec")
            with self.assertRaises(SystemExit) as ended:
                programs.need("grantspec", "grantspec-endpoint")
        self.assertEqual(ended.exception.code, 2)


class Environment(unittest.TestCase):
    def test_settings_of_whoever_runs_a_test_are_left_out(self) -> None:
        given = {"GRANTSPEC_RATE": "1", "GTEST_FILTER": "a", "GITHUB_ACTIONS": "true", "HOME": "/h"}
        with mock.patch.dict(os.environ, {**given, "NO_COLOR": "1"}, clear=True):
            self.assertEqual(programs.environment(), {"HOME": "/h"})
            self.assertEqual(programs.environment({"GTEST_FILTER": "b"})["GTEST_FILTER"], "b")

    def test_a_run_has_outputs_and_an_exit_code(self) -> None:
        text = "import os, sys; print(os.environ['U']); sys.exit('bad')"
        done = programs.run("-c", text, program=sys.executable, env={"U": "a:b"})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "a:b\n", "bad\n"))

    def test_a_run_ends_in_time(self) -> None:
        with self.assertRaises(subprocess.TimeoutExpired):
            programs.run("60", program="sleep", seconds_max=0.05)


class Servers(unittest.TestCase):
    def test_a_server_is_started_and_ended(self) -> None:
        with Server([sys.executable, "-c", SERVES]) as server:
            self.assertEqual(server.url, "http://127.0.0.1:4711/a/b")
            self.assertEqual((server.port, server.path), (4711, "/a/b"))
            self.assertEqual(server.stop(), 3)
            self.assertEqual(list(server.lines)[1:], ["ended\n"])
            self.assertEqual(server.errors(), "an error\n")

    def test_the_end_of_the_statement_ends_a_server(self) -> None:
        with Server([sys.executable, "-c", SERVES]) as server:
            self.assertIsNone(server.process.poll())
        self.assertEqual(server.process.returncode, 3)

    def test_the_signal_is_chosen(self) -> None:
        with Server([sys.executable, "-c", SERVES]) as server:
            self.assertEqual(server.stop(signal.SIGKILL), -signal.SIGKILL)

    def test_a_server_that_does_not_start_says_why(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "did not start: no port"):
            Server([sys.executable, "-c", "import sys; sys.exit('no port')"])


if __name__ == "__main__":
    unittest.main()
