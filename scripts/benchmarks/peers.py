"""The same 500 token requests with what people use otherwise: newman, pytest with requests, curl
with jq."""
import base64
import json
import pathlib
import shutil
import subprocess
import tempfile

from measure import (
    ROOT,
    SCOPE,
    USER,
    Goal,
    endpoint,
    grantspec,
    interleave,
    median,
    ratio_goal,
    run,
    slow_server,
    spread,
    write_cases,
)

REQUESTS, PARALLEL, DELAY = 500, 32, 0.05
FORM = f"grant_type=client_credentials&scope={SCOPE.replace(':', '%3A')}"
NEWMAN = ROOT / "build/bench/newman/node_modules/.bin/newman"

# The status and the shape of the JSON, which is a part of what a case of grantspec looks at.
POSTMAN_TEST = """
pm.test("status", () => pm.response.to.have.status(200));
pm.test("token", () => {
  const answer = pm.response.json();
  pm.expect(answer.access_token).to.be.a("string").that.is.not.empty;
  pm.expect(answer.token_type.toLowerCase()).to.equal("bearer");
  pm.expect(answer.expires_in).to.be.a("number");
});
"""
PYTEST = """
import pytest
import requests

session = requests.Session()


@pytest.mark.parametrize("i", range({requests}))
def test_token(i):
    answer = session.post({url!r}, auth={user!r},
                          data={{"grant_type": "client_credentials", "scope": {scope!r}}})
    assert answer.status_code == 200
    content = answer.json()
    assert content["access_token"]
    assert content["token_type"].lower() == "bearer"
    assert isinstance(content["expires_in"], int)
"""
JQ = (
    'all(.[]; (.access_token | length > 0) and (.token_type | ascii_downcase == "bearer") and'
    ' (.expires_in | type == "number"))'
)


def newman(folder, url):
    item = {
        "event": [
            {
                "listen": "test",
                "script": {"type": "text/javascript", "exec": POSTMAN_TEST.strip().split("\n")},
            }
        ],
        "request": {
            "method": "POST",
            "url": url,
            "header": [
                {"key": "Content-Type", "value": "application/x-www-form-urlencoded"},
                {
                    "key": "Authorization",
                    "value": "Basic " + base64.b64encode(USER.encode()).decode(),
                },
            ],
            "body": {"mode": "raw", "raw": FORM},
        },
    }
    path = folder / "collection.json"
    path.write_text(
        json.dumps(
            {
                "info": {
                    "name": "tokens",
                    "schema": (
                        "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
                    ),
                },
                "item": [dict(item, name=f"n{i}") for i in range(REQUESTS)],
            }
        )
    )
    return lambda: run([NEWMAN, "run", path, "--silent"])


def pytest(folder, url):
    path = folder / "test_tokens.py"
    path.write_text(
        PYTEST.format(requests=REQUESTS, url=url, user=tuple(USER.split(":")), scope=SCOPE)
    )
    return lambda: run(
        ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", path], cwd=folder
    )


def curl_jq(folder, url):
    (folder / "out").mkdir()
    config = folder / "curl.conf"
    config.write_text(
        "next\n".join(
            f'url = "{url}"\nuser = "{USER}"\ndata = "{FORM}"\noutput ='
            f' "{folder}/out/{i}"\nwrite-out = "%{{http_code}}\\n"\n'
            for i in range(REQUESTS)
        )
    )
    script = (
        f'test "$(curl -s --parallel --parallel-max {PARALLEL} -K {config} | grep -c "^200$")" ='
        f" {REQUESTS} && jq -e -s '{JQ}' {folder}/out/* >/dev/null"
    )
    return lambda: run(["sh", "-c", script])


def available():
    peers, notes = {}, []
    if NEWMAN.exists() and shutil.which("node"):
        version = subprocess.run(
            [NEWMAN, "--version"], capture_output=True, text=True
        ).stdout.strip()
        node = subprocess.run(["node", "--version"], capture_output=True, text=True)
        peers["newman"] = newman
        notes.append(
            f"newman {version} on node {node.stdout.strip()},"
            " one request at a time, as newman does, without a reporter"
        )
    else:
        notes.append("newman: not installed, skipped")
    probe = subprocess.run(
        [
            "/usr/bin/python3",
            "-c",
            "import pytest, requests; print(pytest.__version__, requests.__version__)",
        ],
        capture_output=True,
        text=True,
    )
    if probe.returncode == 0:
        peers["pytest"] = pytest
        both = probe.stdout.split()
        notes.append(
            f"pytest {both[0]} with requests {both[1]}, one kept session, one request at a time"
        )
    else:
        notes.append("pytest with requests: not installed, skipped")
    if shutil.which("curl") and shutil.which("jq"):
        peers["curl"] = curl_jq
        notes.append(
            f"curl --parallel --parallel-max {PARALLEL} with a configuration of"
            f" {REQUESTS} transfers, then one jq over all responses"
        )
    else:
        notes.append("curl with jq: not installed, skipped")
    return peers, notes


def commands(folder, url, cases, peers):
    made = {"grantspec": lambda: grantspec(url, cases, "--parallel-max", str(PARALLEL))}
    for name in peers:
        place = pathlib.Path(folder) / name
        place.mkdir()
        made[name] = peers[name](place, url)
    return made


GOALS = {"newman": (150, 40), "pytest": (20, None)}


def compare(costs, place, which):
    goals = []
    ours = costs["grantspec"]
    for name, theirs in costs.items():
        wall = [c.wall for c in theirs]
        shown = Goal(
            f"{place}: {name}, wall and CPU",
            "",
            f"{median(wall):.3f} s, {median([c.cpu for c in theirs]):.3f} s",
            None,
            spread(wall),
        )
        goals.append(shown)
    for name, theirs in costs.items():
        if name == "grantspec":
            continue
        least = GOALS.get(name, (None, None))[which]
        goals.append(
            ratio_goal(
                f"{place}: wall time of {name} / grantspec",
                [c.wall for c in theirs],
                [c.wall for c in ours][: len(theirs)],
                least=least,
            )
        )
        if name == "curl":
            goals.append(
                ratio_goal(
                    f"{place}: CPU of grantspec / curl and jq",
                    [c.cpu for c in ours],
                    [c.cpu for c in theirs],
                    most=1,
                )
            )
    return goals


def measure(rounds):
    peers, notes = available()
    with tempfile.TemporaryDirectory() as folder:
        cases = write_cases(folder, REQUESTS)
        (pathlib.Path(folder) / "fast").mkdir()
        with endpoint() as server:
            goals = compare(
                interleave(rounds, **commands(f"{folder}/fast", server.url, cases, peers)),
                "fast server",
                0,
            )
        (pathlib.Path(folder) / "slow").mkdir()
        with slow_server(DELAY) as server:
            made = commands(f"{folder}/slow", server.url, cases, peers)
            # Those that send one after another wait for half a minute: once is enough.
            waiting = {name: made.pop(name) for name in ("newman", "pytest") if name in made}
            costs = interleave(rounds, **made)
            costs.update(interleave(1, **waiting))
            goals += compare(costs, "50 ms", 1)
    return (
        goals,
        [
            "Whole processes, from start to end; on the fast server every response comes at once.",
            (
                "At 50 ms newman and pytest ran once: they send one request after another. 500 of"
                " those are 25 s, and 32 at once with the control request before them 0.85 s, which"
                " bounds the ratio from above."
            ),
            (
                "curl 7.88 --parallel sleeps for a second now and then where the machine is busy;"
                " its CPU is what to compare."
            ),
        ]
        + notes,
    )
