"""How many inputs a CPU second the harnesses hold, as shares of a harness that does nothing."""
import os
import pathlib
import re
import shutil
import tempfile

from measure import ROOT, Goal, Skipped, interleave, median, run, spread

BUILD = ROOT / "build/fuzz"
# How many inputs a run holds: about half a second's. With one seed they are the same in each round.
INPUTS = {
    "empty": 1_000_000,
    "form": 5_000,
    "basic": 12_000,
    "scope": 12_000,
    "content_type": 30_000,
    "token_response": 12_000,
    "request": 5_000,
}


def speed(harness, folder, mutator):
    """One run on a fresh copy of the seeds. Inputs, and the seconds of CPU, are those of the whole
    process."""
    corpus = pathlib.Path(tempfile.mkdtemp(dir=folder))
    seeds = ROOT / "fuzz/seeds" / harness
    if seeds.is_dir():
        shutil.copytree(seeds, corpus, dirs_exist_ok=True)
    cost = run(
        [
            BUILD / f"{harness}_fuzzer",
            f"-runs={INPUTS[harness]}",
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
    missing = [name for name in INPUTS if not (BUILD / f"{name}_fuzzer").exists()]
    if missing:
        raise Skipped("the harnesses are not built: clang and libclang-rt-14-dev are needed")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        runs = {"empty": lambda: speed("empty", folder, "")}
        for name in list(INPUTS)[1:]:
            for mutator in ("", "off"):
                runs[f"{name}/{mutator}"] = lambda name=name, mutator=mutator: speed(
                    name, folder, mutator
                )
        speeds = interleave(rounds, **runs)
    empty = median(speeds["empty"])
    goals = [
        Goal(
            "empty harness, inputs a CPU second", "", f"{empty:,.0f}", None, spread(speeds["empty"])
        )
    ]
    for name in list(INPUTS)[1:]:
        with_, without = speeds[f"{name}/"], speeds[f"{name}/off"]
        goals.append(
            Goal(
                f"{name}: share of the empty harness, with the mutator / without",
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
            "libFuzzer with AddressSanitizer and UBSan, -max_len=256, on a fresh copy of the seeds"
            " in memory; the start and the reading of the seeds are counted too, and the inputs are"
            " the same in each round."
        ),
        (
            "An input of these harnesses is held against a second reader, written and read again,"
            " and its work is counted; that is what they cost, and none of it was left out for"
            " speed."
        ),
    ]
