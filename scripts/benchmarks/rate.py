"""Whether --rate is kept, as the server sees it."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from measure import GRANTSPEC, SCOPE, USER, Goal, grantspec, slow_server, write_cases

SECONDS = 5


def arrivals(log):
    """Times of arrival without that of the control request, which goes before the schedule."""
    return [float(line) for line in log.read_text().split()][1:]


def fullest_second(times):
    """The most requests that arrived within any one second, wherever it begins."""
    most = begin = 0
    for end, time_ in enumerate(times):
        while time_ - times[begin] >= 1:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def kept(folder, cases, rate, delay, rounds):
    goals, means, fullest = [], [], []
    for i in range(rounds):
        log = pathlib.Path(folder) / f"{rate}-{delay}-{i}"
        with slow_server(delay, log) as server:
            grantspec(server.url, cases, "--rate", f"{rate}/s")
        times = arrivals(log)
        means.append((len(times) - 1) / (times[-1] - times[0]) / rate - 1)
        fullest.append(fullest_second(times))
    worst = max(means, key=abs)
    name = f"--rate {rate}/s, {delay * 1000:.0f} ms a response"
    goals.append(
        Goal(
            f"{name}: mean rate off by",
            "<= 0.5 %",
            f"{worst:+.2%} (worst of {rounds})",
            abs(worst) <= 0.005,
        )
    )
    most = rate * 1.02 + 1
    goals.append(
        Goal(
            f"{name}: fullest second",
            f"<= {most:.0f}",
            f"{max(fullest)} (worst of {rounds})",
            max(fullest) <= most,
        )
    )
    return goals


def after_a_stall(folder, cases, rate):
    """The client is stopped for a second: what it missed must not come as a burst."""
    log = pathlib.Path(folder) / "stall"
    with slow_server(0, log) as server:
        process = subprocess.Popen(
            [
                GRANTSPEC,
                server.url,
                "--user-env",
                "BENCH_USER",
                "--scope",
                SCOPE,
                "--cases",
                str(cases),
                "--gtest_filter=bench.*",
                "--rate",
                f"{rate}/s",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ, BENCH_USER=USER),
        )
        time.sleep(1.2)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        process.send_signal(signal.SIGCONT)
        process.wait()
    times = arrivals(log)
    gap = max(range(1, len(times)), key=lambda i: times[i] - times[i - 1])
    most = rate * 1.02 + 1
    burst = fullest_second(times[gap:])
    return [
        Goal(
            (
                f"--rate {rate}/s, the client stopped for {times[gap] - times[gap - 1]:.1f} s:"
                " fullest second behind it"
            ),
            f"<= {most:.0f}",
            str(burst),
            burst <= most,
        )
    ]


def measure(rounds):
    goals = []
    with tempfile.TemporaryDirectory() as folder:
        for rate in (50, 500):
            cases = write_cases(folder, rate * SECONDS)
            for delay in (0, 0.05):
                goals += kept(folder, cases, rate, delay, 2 if rounds > 1 else 1)
        goals += after_a_stall(folder, cases, 500)
    return goals, [
        f"Two runs of each, and one with the stall. Each run lasts {SECONDS} s. Times of arrival"
        " are those of the server's log; a second begins at any arrival, not at whole seconds."
        " What a stall made late is caught up with at a hundredth above the rate."
    ]
