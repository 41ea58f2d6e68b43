#!/usr/bin/env python3
"""Times grantspec beside a bare libcurl multi loop, in turns, and prints medians and ratios.

usage: run.py GRANTSPEC MULTI_LOOP [ROUNDS]

500 requests against a server that answers after 50 ms, 32 in flight: the arithmetic limit is
ceil(500/32) x 50 ms. Only ratios within one run mean anything.
"""
import json
import math
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GRANTSPEC, LOOP = sys.argv[1:3]
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
REQUESTS, PARALLEL, DELAY = 500, 32, 0.05


def main():
    server = subprocess.Popen([sys.executable, str(HERE / "slow_server.py"), "0", str(DELAY)],
                              stdout=subprocess.PIPE, text=True)
    port = server.stdout.readline().strip()
    url = f"http://127.0.0.1:{port}/token"
    try:
        with tempfile.TemporaryDirectory() as folder:
            # One case for each request; with the control request before them, 500 leave.
            cases = [{"id": f"n{i}", "title": "A token", "clauses": ["RFC6749-4.4.3-01"], "level": "MUST",
                      "answer": "token"} for i in range(REQUESTS)]
            path = pathlib.Path(folder) / "bench.json"
            path.write_text(json.dumps({"cases": cases}))
            environment = dict(os.environ, BENCH_USER="a:bbbbbbbb")
            ours, bare, memory = [], [], []
            for _ in range(ROUNDS):
                report = pathlib.Path(folder) / "r.json"
                done = subprocess.run(
                    [GRANTSPEC, url, "--user-env", "BENCH_USER", "--scope", "a", "--cases", str(path),
                     "--gtest_filter=bench.*", "--parallel-max", str(PARALLEL), "--report-json", str(report)],
                    env=environment, capture_output=True, text=True)
                if done.returncode != 0:
                    sys.exit(done.stdout[-2000:] + done.stderr)
                # The control request goes alone before the rest: its 50 ms are not the loop's.
                ours.append(json.loads(report.read_text())["seconds"] - DELAY)
                out = subprocess.run([LOOP, url, "a:bbbbbbbb", "a", str(REQUESTS), str(PARALLEL)],
                                     capture_output=True, text=True, check=True).stdout.split()
                bare.append(float(out[0]))
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    finally:
        server.terminate()
        server.wait()
    limit = math.ceil(REQUESTS / PARALLEL) * DELAY
    a, b = statistics.median(ours), statistics.median(bare)
    print(f"{REQUESTS} requests, {PARALLEL} in flight, {DELAY * 1000:.0f} ms an answer; medians of {ROUNDS}")
    print(f"  arithmetic limit   {limit:.3f} s")
    print(f"  grantspec          {a:.3f} s   {a / limit:.3f} of the limit")
    print(f"  bare multi loop    {b:.3f} s   {b / limit:.3f} of the limit")
    print(f"  grantspec / bare   {a / b:.3f}")
    print(f"  peak memory of any of these processes: {memory:.1f} MiB")


main()
