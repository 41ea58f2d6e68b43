"""The reference endpoint and other servers of ours: started, and ended by their process id."""
import collections
import os
import re
import signal
import subprocess
import tempfile
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Self

from lib.programs import ENDPOINT, environment

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
LINES_KEPT_MAX = 1000


class Server:
    """A program that prints the URL that it serves; `url`, `port` and `path` are known then."""

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        env: Mapping[str, str] | None = None,
    ):
        self._errors = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            errors="replace",
            env=environment(env),
        )
        assert self.process.stdout is not None
        self._output = self.process.stdout
        self.lines: collections.deque[str] = collections.deque(maxlen=LINES_KEPT_MAX)
        self.url = self._first_url()
        place = urllib.parse.urlsplit(self.url)
        self.port, self.path = place.port or 0, place.path
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _first_url(self) -> str:
        guard = threading.Timer(START_SECONDS_MAX, self.process.kill)
        guard.start()
        try:
            for line in self._output:
                self.lines.append(line)
                found = re.search(r"https?://\S+", line)
                if found:
                    return found[0]
        finally:
            guard.cancel()
        self.process.kill()
        self.process.wait()
        self._output.close()
        with self._errors:
            raise RuntimeError(f"{self.process.args!r} did not start: {self.errors()}")

    def _read(self) -> None:
        self.lines.extend(self._output)

    def errors(self) -> str:
        """What the program has written to standard error."""
        self._errors.seek(0)
        return self._errors.read()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ends the program by a signal; its exit code. `lines` is complete then."""
        self.process.send_signal(by)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
        code = self.process.wait()
        self._reader.join()
        self._output.close()
        return code

    def close(self) -> None:
        """Ends the program if it still runs."""
        if not self._output.closed:
            self.stop()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Endpoint(Server):
    """The reference endpoint with options, such as ("--deviate", "expires_in_string")."""

    def __init__(self, *options: str, program: str = ENDPOINT):
        super().__init__([program, *options])
