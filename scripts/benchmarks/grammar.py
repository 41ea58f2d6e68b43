"""The parsers beside others, and what twice the input costs. Times are grammar_bench's, by Google
Benchmark."""
import json

from measure import RELEASE, Goal, Skipped, median, ratio_goal, run

PROGRAM = RELEASE / "scripts/benchmarks/grammar_bench"
SIZES = [512 << i for i in range(8)]


def times(rounds, only, min_time):
    """CPU nanoseconds by name, one a round, in turns."""
    answer = json.loads(
        run(
            [
                str(PROGRAM),
                "--benchmark_format=json",
                f"--benchmark_filter={only}",
                f"--benchmark_repetitions={rounds}",
                f"--benchmark_min_time={min_time}",
                "--benchmark_enable_random_interleaving=true",
            ]
        ).out.split("\n}\n")[0]
        + "\n}"
    )
    found = {}
    for one in answer["benchmarks"]:
        if one.get("error_occurred"):
            raise SystemExit(f"{one['name']}: {one['error_message']}")
        if one["run_type"] == "iteration":
            found.setdefault(one["run_name"], []).append(one["cpu_time"])
    return found


def doubling(rounds):
    found = times(rounds, "^double/", 0.01)
    families = list(dict.fromkeys(name.split("/")[1] for name in found))
    lines = [
        (
            "Microseconds by bytes of input; the last column is the largest step from one size to"
            " the next:"
        ),
        "",
        "| | " + " | ".join(str(size) for size in SIZES) + " | worst |",
        "|---" * (len(SIZES) + 2) + "|",
    ]
    worst_of_all = 0
    for family in families:
        medians = [median(found[f"double/{family}/{size}"]) for size in SIZES]
        worst = max(b / a for a, b in zip(medians, medians[1:]))
        worst_of_all = max(worst_of_all, worst)
        lines.append(
            f"| {family} | " + " | ".join(f"{m / 1000:.2f}" for m in medians) + f" | {worst:.2f} |"
        )
    return (
        Goal(
            "every parser: time for twice the input, 512 B to 64 KiB, worst step",
            "<= 2.3x",
            f"{worst_of_all:.2f}x",
            worst_of_all <= 2.3,
        ),
        lines,
    )


def measure(rounds):
    if not PROGRAM.exists():
        raise Skipped("libbenchmark-dev is not installed")
    found = times(max(rounds, 5), "^(Form|Basic|Scope)", 0.05)
    form, unescape, copies = (
        found[name]
        for name in ("Form_TokenBody", "Form_TokenBody_CurlUnescape", "Form_TokenBody_Copies")
    )
    basic, block = found["Basic"], found["Basic_EvpDecodeBlock"]
    goals = [
        ratio_goal(
            "a token body of 120 bytes: curl_easy_unescape of the whole / ParseForm",
            unescape,
            form,
            least=5,
        ),
        ratio_goal("ParseForm / copying the form that comes out", form, copies),
        Goal(
            "ParseForm / curl_easy_unescape / the copy",
            "",
            " / ".join(f"{median(t):.0f}" for t in (form, unescape, copies)) + " ns",
        ),
        ratio_goal(
            "ParseBasic, 44 bytes of credentials / EVP_DecodeBlock alone", basic, block, most=1.4
        ),
        Goal("ParseBasic / EVP_DecodeBlock", "", f"{median(basic):.0f} / {median(block):.0f} ns"),
        ratio_goal(
            "Scope::Parse of 1,000 tokens in ascending order / the bare split",
            found["Scope/1"],
            found["Scope_Split/1"],
            most=2.5,
        ),
        ratio_goal(
            "the same in mixed order", found["Scope/377"], found["Scope_Split/377"], most=2.5
        ),
    ]
    goal, table = doubling(rounds)
    return (
        goals + [goal],
        [
            (
                "Tokens of a scope in descending order take steps above 2.3 where there are a few"
                " dozen of them: an ordered set takes n log n comparisons, and log n grows visibly"
                " where n is small. A step of another parser above 2.3 that has lower ones around"
                " it is where its memory happened to lie; `fuzz/work_test.cc` counts steps instead"
                " of time, and asserts 2.3 of each parser in every run of the tests."
            ),
            "",
            (
                "ada's `url_search_params` was not compared: neither Debian 12 nor the npm registry"
                " has its source."
            ),
            "",
            (
                "The goals that are missed are missed by what the parsers hand out, not by how they"
                " read. `ParseForm` gives names and values as strings of their own, checked to be"
                " UTF-8; two of them are longer than a short string and cost an allocation each,"
                " and so does the list. Copying the finished form alone takes about a third of"
                " curl_easy_unescape's whole time, so five times its speed would take views into"
                " the content. `ParseBasic` likewise fills two strings, which EVP_DecodeBlock,"
                " writing into the caller's memory and taking what strict base64 refuses, does not."
                " `Scope` is an ordered set, so that comparing, joining and printing scopes are a"
                " line each: a tree of 1,000 nodes costs what a list does not. Views in place of"
                " strings, or a sorted list in place of the set, would reach through every caller;"
                " a form, credentials and scope together are about 3 % of what a response of the"
                " endpoint takes."
            ),
            "",
        ]
        + table,
    )
