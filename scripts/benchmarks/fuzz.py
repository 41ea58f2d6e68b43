"""How many inputs a CPU second the harnesses take, as shares of a harness that does nothing."""
import functools
import os
import pathlib
import re
import shutil
import tempfile

from measure import ROOT, Goal, Skipped, interleave, median, run, spread

BUILDS = {"fast": ROOT / "build/fuzz-fast", "sanitized": ROOT / "build/fuzz"}
# How many inputs a run has: about half a second's of the sanitized build, which runs a tenth of
# those of the fast one. With one seed they are the same in each round.
INPUTS = {
    "empty": 10_000_000,
    "form": 50_000,
    "basic": 120_000,
    "scope": 120_000,
    "content_type": 300_000,
    "token_response": 120_000,
    "request": 50_000,
}


def speed(build, harness, folder, mutator):
    """One run on a fresh copy of the seeds. Inputs, and the seconds of CPU, are those of the whole
    process."""
    inputs = INPUTS[harness] // (1 if build == "fast" else 10)
    corpus = pathlib.Path(tempfile.mkdtemp(dir=folder))
    seeds = ROOT / "fuzz/seeds" / harness
    if seeds.is_dir():
        shutil.copytree(seeds, corpus, dirs_exist_ok=True)
    cost = run(
        [
            BUILDS[build] / f"{harness}_fuzzer",
            f"-runs={inputs}",
            "-max_len=256",
            "-print_final_stats=1",
            "-seed=1",
            f"-artifact_prefix={folder}/",
            corpus,
        ],
        {"GRANTSPEC_MUTATOR": mutator},
    )
    shutil.rmtree(corpus)
    return int(re.search(r"stat::number_of_executed_units:\s*(\d+)", cost.out).group(1)) / cost.cpu


def measure(rounds):
    programs = [folder / f"{name}_fuzzer" for folder in BUILDS.values() for name in INPUTS]
    if not all(program.exists() for program in programs):
        raise Skipped("the harnesses are not built: clang and libclang-rt-14-dev are needed")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        runs = {}
        for build in BUILDS:
            for name in INPUTS:
                for mutator in ("", "off"):
                    runs[build, name, mutator] = functools.partial(
                        speed, build, name, folder, mutator
                    )
        keys = list(runs)
        speeds = interleave(rounds, **{str(n): runs[key] for n, key in enumerate(keys)})
        speeds = {key: speeds[str(n)] for n, key in enumerate(keys)}
    goals = []
    for build in BUILDS:
        idle = speeds[build, "empty", ""]
        empty = median(idle)
        title = f"{build} build: empty harness, inputs a CPU second"
        goals.append(Goal(title, "", f"{empty:,.0f}", None, spread(idle)))
        for name in list(INPUTS)[1:]:
            with_, without = (speeds[build, name, mutator] for mutator in ("", "off"))
            goals.append(
                Goal(
                    f"{build} build: {name}, share of the empty one, with the mutator / without",
                    "",
                    (
                        f"{median(with_) / empty:.2%} / {median(without) / empty:.2%} "
                        f"({median(with_):,.0f} / {median(without):,.0f} a second)"
                    ),
                    None,
                    spread(with_),
                )
            )
    return goals, [
        (
            "libFuzzer, -max_len=256, on a fresh copy of the seeds in memory; the start and the"
            " reading of the seeds are counted too, and the inputs are the same in each round. The"
            " sanitized build has AddressSanitizer and UBSan; the fast one counts edges only."
        ),
        (
            "An input of these harnesses is compared with a second reader, written and read again,"
            " and its work is counted; that is what they cost."
        ),
    ]
