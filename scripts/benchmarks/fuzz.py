"""How many inputs a CPU second the harnesses hold, as shares of a harness that does nothing."""
import os
import pathlib
import re
import shutil
import tempfile

from measure import ROOT, Goal, Skipped, interleave, median, run, spread

BUILD = ROOT / "build/fuzz"
HARNESSES = ("form", "basic", "scope", "content_type", "token_response", "request")
SECONDS = 1


def speed(harness, folder, mutator):
    """One run on a fresh copy of the seeds. Inputs, and the seconds of CPU, are those of the whole process."""
    corpus = pathlib.Path(tempfile.mkdtemp(dir=folder))
    seeds = ROOT / "fuzz/seeds" / harness
    if seeds.is_dir():
        shutil.copytree(seeds, corpus, dirs_exist_ok=True)
    cost = run([BUILD / f"{harness}_fuzzer", f"-max_total_time={SECONDS}", "-max_len=256", "-print_final_stats=1",
                "-seed=1", f"-artifact_prefix={folder}/", corpus], {"GRANTSPEC_MUTATOR": mutator})
    shutil.rmtree(corpus)
    return int(re.search(r"stat::number_of_executed_units:\s*(\d+)", cost.out).group(1)) / cost.cpu


def measure(rounds):
    missing = [name for name in ("empty", *HARNESSES) if not (BUILD / f"{name}_fuzzer").exists()]
    if missing:
        raise Skipped("the harnesses are not built: clang and libclang-rt-14-dev are needed")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        runs = {"empty": lambda: speed("empty", folder, "")}
        for name in HARNESSES:
            for mutator in ("", "off"):
                runs[f"{name}/{mutator}"] = lambda name=name, mutator=mutator: speed(name, folder, mutator)
        speeds = interleave(rounds, **runs)
    empty = median(speeds["empty"])
    goals = [Goal("empty harness, inputs a CPU second", "", f"{empty:,.0f}", None, spread(speeds["empty"]))]
    for name in HARNESSES:
        with_, without = speeds[f"{name}/"], speeds[f"{name}/off"]
        goals.append(Goal(f"{name}: share of the empty harness, with the mutator / without", "",
                          f"{median(with_) / empty:.2%} / {median(without) / empty:.2%} "
                          f"({median(with_):,.0f} / {median(without):,.0f} a second)", None, spread(with_)))
    return goals, [f"libFuzzer with AddressSanitizer and UBSan, -max_len=256, {SECONDS} s a run on a fresh copy of the seeds in "
                   "memory, the start and the reading of the seeds included.",
                   "An input of these harnesses is held against a second reader, written and read again, and its work is "
                   "counted; that is what they cost, and none of it was left out for speed."]
