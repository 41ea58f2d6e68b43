"""How near grantspec comes to what is possible: the arithmetic of waiting, and a bare libcurl
multi loop."""
import json
import math
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from measure import (
    GRANTSPEC,
    SCOPE,
    USER,
    Goal,
    endpoint,
    grantspec,
    interleave,
    loop,
    median,
    peak,
    ratio_goal,
    slow_server,
    spread,
    write_cases,
)

NOTES = [
    (
        "CPU: two thirds of what a case takes is libcurl's. It has more to do here than in the bare"
        " loop, which sends two fields of its own and inspects no response: a list of fields for"
        " each request, a call for each line of the response. The rest is spread evenly over"
        " building the request (twice: the first time to see whether the case can be asked), its"
        " bytes for the report, the judge, the checks that every response undergoes, and"
        " GoogleTest; no single one of them takes a microsecond and a half. Another 5 us would take"
        " requests that are built once and shared, which a case that may change anything in its"
        " request speaks against."
    ),
    "",
    (
        "Memory: responses are dropped as they are judged, so that asking ten times as many of the"
        " same cases hardly shows. What grows is what is loaded: 3 KiB a case, of which half is the"
        " case with the file and line of each of its texts, and half the JSON that it is read from."
        " Names of files that are shared instead of copied would halve it, at the price of a type"
        " of their own for them in every directory."
    ),
]
REQUESTS, PARALLEL, DELAY = 500, 32, 0.05
MANY = 5_000


def waiting(folder, cases, rounds):
    """500 requests of 50 ms, 32 at once, cannot take less than ceil(500/32) x 50 ms."""
    report = pathlib.Path(folder) / "report.json"
    limit = math.ceil(REQUESTS / PARALLEL) * DELAY
    ours, bare = [], []
    with slow_server(DELAY) as server:
        for _ in range(rounds):
            grantspec(
                server.url, cases, "--parallel-max", str(PARALLEL), "--report-json", str(report)
            )
            # The control request goes alone before the rest: its 50 ms are not the loop's.
            ours.append(json.loads(report.read_text())["seconds"] - DELAY)
            bare.append(float(loop(server.url, REQUESTS, PARALLEL).out.split()[0]))
    limits = [limit] * rounds
    return [
        ratio_goal(
            (
                f"{REQUESTS} requests of {DELAY * 1000:.0f} ms, {PARALLEL} in flight: time /"
                " arithmetic limit"
            ),
            ours,
            limits,
            most=1.08,
        ),
        ratio_goal("the same of the bare multi loop", bare, limits),
        ratio_goal("grantspec / bare multi loop", ours, bare),
    ]


def work(cases_few, cases_many, rounds):
    """CPU of both on a fast server; memory of ten times the cases."""
    with endpoint() as server:
        url = server.url
        costs = interleave(
            rounds,
            many=lambda: grantspec(url, cases_many),
            loaded=lambda: grantspec(
                url, cases_many, only="n1"
            ),  # loads and registers all, asks one
            loop=lambda: loop(url, MANY),
            start=lambda: loop(url, 1),
        )
        memory = interleave(
            2,
            many=lambda: grantspec(url, cases_many, measure=peak),
            few=lambda: grantspec(url, cases_few, measure=peak),
            some=lambda: grantspec(
                url,
                cases_many,
                only="n1??:bench.n2??:bench.n3??:bench.n4??:bench.n5??",
                measure=peak,
            ),
        )
    cpu = {name: [c.cpu for c in each] for name, each in costs.items()}

    def difference(a, b):
        return [x - y for x, y in zip(cpu[a], cpu[b])]

    return [
        ratio_goal(
            (
                f"CPU of {MANY} cases (send, judge, GoogleTest) / bare multi loop, both without"
                " their start"
            ),
            difference("many", "loaded"),
            difference("loop", "start"),
            most=1.35,
        ),
        ratio_goal(
            "the same as whole processes, with the loading of files",
            cpu["many"],
            cpu["loop"],
            most=1.7,
        ),
        ratio_goal(
            f"peak memory, {MANY} cases asked / 500 asked, of the same {MANY} loaded",
            memory["many"],
            memory["some"],
            most=1.3,
        ),
        ratio_goal(
            f"peak memory, {MANY} cases loaded and asked / 500",
            memory["many"],
            memory["few"],
            most=1.3,
        ),
        Goal(
            "peak memory of these",
            "",
            f"{median(memory['many']):.1f} and {median(memory['few']):.1f} MiB",
            None,
            spread(memory["many"]),
        ),
        Goal(
            "CPU a case / a request of the bare loop",
            "",
            (
                f"{median(difference('many', 'loaded')) / MANY * 1e6:.0f} / "
                f"{median(difference('loop', 'start')) / MANY * 1e6:.0f} us"
            ),
        ),
    ]


def until_first_request(listener, command, environment):
    begin = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ, **environment),
    )
    connection, _ = listener.accept()
    connection.settimeout(5)
    connection.recv(1)
    took = time.monotonic() - begin
    connection.close()
    process.terminate()
    process.wait()
    return took


def first_request(rounds):
    """From the start of the process to the first byte of its first request."""
    ours, theirs = [], []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/token"
        for _ in range(rounds * 4):
            ours.append(
                until_first_request(
                    listener,
                    [
                        GRANTSPEC,
                        url,
                        "--user-env",
                        "BENCH_USER",
                        "--scope",
                        SCOPE,
                        "--gtest_filter=grant_type.*",
                    ],
                    {"BENCH_USER": USER},
                )
            )
            theirs.append(
                until_first_request(
                    listener,
                    [
                        "curl",
                        "-s",
                        "-u",
                        USER,
                        "-d",
                        f"grant_type=client_credentials&scope={SCOPE}",
                        url,
                    ],
                    {},
                )
            )
    return [
        ratio_goal(
            "first request on the wire, all cases of the suite loaded / curl's",
            ours,
            theirs,
            most=2,
        ),
        Goal("the same in time", "", f"{median(ours) * 1000:.1f} / {median(theirs) * 1000:.1f} ms"),
    ]


def measure(rounds):
    with tempfile.TemporaryDirectory() as folder:
        few, many = write_cases(folder, REQUESTS), write_cases(folder, MANY)
        return waiting(folder, few, rounds) + work(few, many, rounds) + first_request(rounds), NOTES
