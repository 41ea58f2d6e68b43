"""Runs commands and servers and says what they cost; medians, spreads and ratios of rounds."""
import dataclasses
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RELEASE = ROOT / "build/release"
GRANTSPEC = str(RELEASE / "grantspec")
ENDPOINT = str(RELEASE / "grantspec-endpoint")
LOOP = str(RELEASE / "scripts/benchmarks/multi_loop")

# The embedded client, and what both servers here grant it.
USER, SCOPE = "s6BhdRkqt3:gX1fBat3bV", "billing:customers:read"


class Skipped(Exception):
    """A part, or a peer of it, that cannot be measured here."""


@dataclasses.dataclass
class Cost:
    """What one run of a command took."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, with all children that were waited for
    out: str  # both outputs


def run(command, environment=None, codes=(0,), cwd=None):
    """Runs a command to its end."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        begin = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            cwd=cwd,
            env=dict(os.environ, **(environment or {})),
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        text = out.read() + errors.read()
        if process.returncode not in codes:
            sys.exit(
                f"{' '.join(map(str, command))[:300]}\nexit code"
                f" {process.returncode}\n{text[-4000:]}"
            )
        return Cost(wall, usage.ru_utime + usage.ru_stime, text)


# A process is told the peak of whoever started it, if that is higher: so a small one does.
PEAK = """import os, sys
null = os.open(os.devnull, os.O_RDWR)
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2,
null, 1)])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))"""


def peak(command, environment):
    """Peak memory of a command, in MiB."""
    return float(run(["/usr/bin/python3", "-I", "-S", "-c", PEAK, *command], environment).out)


class Server:
    """A server for the time of a with statement; it is ended by its own process id."""

    def __init__(self, command, url=None, environment=None, cwd=None, port=None):
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(os.environ, **(environment or {})),
            cwd=cwd,
        )
        self.url = url
        if port is not None:
            self.wait_for(port)

    def wait_for(self, port):
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise Skipped("the server did not start") from None
                time.sleep(0.1)
        raise Skipped("the server does not listen")

    def cpu(self):
        """Seconds that its threads have run so far, to the nanosecond."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def endpoint():
    """grantspec-endpoint on a free port."""
    server = Server([ENDPOINT])
    server.url = server.process.stdout.readline().split()[-1]
    return server


def slow_server(delay, log=None):
    """A server that answers after so many seconds; `log` gets the times of arrival when it ends."""
    server = Server(
        [sys.executable, str(HERE / "slow_server.py"), "0", str(delay)]
        + ([str(log)] if log else [])
    )
    server.url = f"http://127.0.0.1:{server.process.stdout.readline().strip()}/token"
    return server


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write_cases(folder, count):
    """A case file in which each case is one token request. Its category is `bench`."""
    import json

    cases = [
        {
            "id": f"n{i}",
            "title": "A token",
            "clauses": ["RFC6749-4.4.3-01"],
            "level": "MUST",
            "response": "token",
        }
        for i in range(count)
    ]
    path = pathlib.Path(folder) / f"{count}/bench.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"cases": cases}))
    return path


def grantspec(url, cases, *options, only="*", measure=run):
    """Asks the cases that `only` selects of those that were written."""
    return measure(
        [
            GRANTSPEC,
            url,
            "--user-env",
            "BENCH_USER",
            "--scope",
            SCOPE,
            "--cases",
            str(cases),
            f"--gtest_filter=bench.{only}",
            *options,
        ],
        {"BENCH_USER": USER},
    )


def loop(url, requests, parallel=32, scope=SCOPE):
    return run([LOOP, url, USER, scope, str(requests), str(parallel)])


def median(values):
    return statistics.median(values)


def spread(values):
    """Smallest and largest, as shares of the median."""
    middle = statistics.median(values)
    if middle == 0 or len(values) < 2:
        return ""
    return f"{min(values) / middle - 1:+.0%} {max(values) / middle - 1:+.0%}"


def interleave(rounds, **commands):
    """Runs each command once a round, in turns: {name: [Cost, ...]}."""
    costs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            costs[name].append(command())
    return costs


@dataclasses.dataclass
class Goal:
    """One line of the table of goals."""

    what: str
    goal: str  # "" where there is none
    measured: str
    met: bool | None = None
    spread: str = ""


def ratio_goal(what, above, below, most=None, least=None):
    """A ratio of medians, of lists that were measured in the same rounds."""
    value = median(above) / median(below)
    each = [a / b for a, b in zip(above, below) if b > 0]
    digits = 2 if value < 20 else 0
    if most is None and least is None:
        return Goal(what, "", f"{value:.{digits}f}x", None, spread(each))
    met = value <= most if most is not None else value >= least
    goal = f"<= {most:g}x" if most is not None else f">= {least:g}x"
    return Goal(what, goal, f"{value:.{digits}f}x", met, spread(each))
