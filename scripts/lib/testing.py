"""The base of all tests of programs, and their command line."""
import json
import os
import pathlib
import stat
import sys
import tempfile
import unittest
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from lib import programs, reports
from lib.server import Endpoint


class Closable(Protocol):
    """What is closed at the end of a test."""

    def close(self) -> object:
        """Ends it."""


Kept = TypeVar("Kept", bound=Closable)


class ProgramTest(unittest.TestCase):
    """A test with a folder of its own, `path`; what it starts ends with it."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name).resolve()

    def write(self, name: str, value: Any) -> str:
        """Writes a text as it is, or a value as JSON; the path of the file."""
        path = self.path / name
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return str(path)

    def read(self, name: str | pathlib.Path) -> Any:
        """A JSON file of the folder."""
        return reports.read(self.path / name)

    def kept(self, thing: Kept) -> Kept:
        """Closes a server at the end of the test."""
        self.addCleanup(thing.close)
        return thing

    def endpoint(self, *options: str) -> Endpoint:
        """The reference endpoint until the end of the test."""
        return self.kept(Endpoint(*options))

    def device(self, name: str, minor: int) -> str:
        """A device like /dev/null. One of the system's own would be lost to a program that replaces
        devices and has the privilege."""
        path = self.path / name
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        except PermissionError:
            return f"/dev/{name}"
        return str(path)

    def usage_error(self, done: Any, *texts: str) -> None:
        """A run ended with exit code 2 and one sentence, which has these texts."""
        self.assertEqual(done.returncode, 2, (done.args, done.stdout, done.stderr))
        self.assertEqual(done.stderr.count("\n"), 1, (done.args, done.stderr))
        self.assertTrue(done.stderr.startswith("grantspec: "), (done.args, done.stderr))
        for text in texts:
            self.assertIn(text, done.stderr)


def main(*needed: str, arguments: Sequence[str] = programs.ARGUMENTS) -> None:
    """Runs the tests of the script. Arguments besides our programs are those of unittest.

    Without a program that is needed: exit code 2, and the usage from the text of the script.
    """
    programs.need(*needed)
    unittest.main(argv=[sys.argv[0], *arguments])
