"""Our programs, the environment that they run in, and one run with a time limit."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

NAMES = ("grantspec", "grantspec-endpoint", "grantspec-properties", "grantspec-hostile")
RUN_SECONDS_MAX = 600
# What the programs read from the environment: settings of whoever runs a test must not change it.
READ_BY_PROGRAMS = re.compile("^(GRANTSPEC_|GTEST_|GITHUB_|CI_|CLICOLOR|NO_COLOR$)")


def programs_in(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The absolute paths of our programs among the arguments, by name; and the other arguments."""
    programs, others = {}, []
    for argument in arguments:
        name = pathlib.PurePath(argument).name
        if name in NAMES and name not in programs:
            programs[name] = str(pathlib.Path(argument).resolve())
        else:
            others.append(argument)
    return programs, others


PROGRAMS, ARGUMENTS = programs_in(sys.argv[1:])
# Empty where the command line does not name the program.
GRANTSPEC, ENDPOINT, PROPERTIES, HOSTILE = (PROGRAMS.get(name, "") for name in NAMES)


def need(*names: str) -> None:
    """Ends the script with exit code 2 and its usage where a program is not named."""
    missing = [name for name in names if name not in PROGRAMS]
    if missing:
        text = sys.modules["__main__"].__doc__ or ""
        usage = [line for line in text.splitlines() if line.startswith("usage: ")]
        print(f"{missing[0]} is missing; {' '.join(usage)}", file=sys.stderr)
        sys.exit(2)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what the programs read from it, and with some variables more."""
    clean = {name: value for name, value in os.environ.items() if not READ_BY_PROGRAMS.match(name)}
    return {**clean, **(more or {})}


def run(
    *arguments: str | os.PathLike[str],
    program: str | os.PathLike[str] = GRANTSPEC,
    env: Mapping[str, str] | None = None,
    seconds_max: float = RUN_SECONDS_MAX,
    **options: Any,
) -> "subprocess.CompletedProcess[str]":
    """One run of a program to its end, both outputs kept as text.

    `env` has variables more than a clean environment; `options` are those of subprocess.run.
    """
    settings: dict[str, Any] = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "errors": "replace",
        "check": False,
    }
    return subprocess.run(
        [program, *arguments], env=environment(env), timeout=seconds_max, **{**settings, **options}
    )


def interrupted(
    *arguments: str | os.PathLike[str], after_seconds: float, env: Mapping[str, str] | None = None
) -> int:
    """The exit code of a run of grantspec that SIGINT interrupts after so many seconds."""
    with subprocess.Popen(
        [GRANTSPEC, *arguments],
        env=environment(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        time.sleep(after_seconds)
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(RUN_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
