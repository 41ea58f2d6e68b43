"""What one response costs the embedded endpoint, beside a full server and a server of files."""
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from measure import (
    ROOT,
    SCOPE,
    Goal,
    Server,
    Skipped,
    endpoint,
    free_port,
    loop,
    median,
    ratio_goal,
    spread,
)

FAST, SLOW = 20_000, 2_000  # requests a round
OIDC = ROOT / "fixtures/servers/oidc-provider"
MODULES = ROOT / "build/servers/oidc-provider/node_modules"
NGINX = ROOT / "build/bench/nginx/usr/sbin/nginx"

# As quick as nginx can be: one process, files kept open, nothing logged.
NGINX_CONF = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=16;
  default_type application/json;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path
  {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def nginx(folder):
    program = str(NGINX) if NGINX.exists() else shutil.which("nginx")
    if program is None:
        raise Skipped("nginx: not installed, skipped")
    port = free_port()
    files = pathlib.Path(folder) / "files"
    files.mkdir()
    (files / "token.json").write_text(
        json.dumps(
            {"access_token": "t" * 43, "token_type": "Bearer", "expires_in": 900, "scope": SCOPE}
        )
    )
    conf = pathlib.Path(folder) / "nginx.conf"
    conf.write_text(NGINX_CONF.format(folder=folder, port=port))
    return Server(
        [program, "-p", folder, "-c", str(conf), "-e", "stderr"],
        url=f"http://127.0.0.1:{port}/token.json",
        port=port,
    )


def oidc_provider(folder):
    if shutil.which("node") is None or not MODULES.exists():
        raise Skipped("oidc-provider: not installed, skipped")
    port = free_port()
    state = pathlib.Path(folder) / "state"
    state.mkdir()
    return Server(
        [str(OIDC / "launch"), str(port), str(state)],
        port=port,
        url=f"http://127.0.0.1:{port}/billing/oauth2/token",
        environment={"NODE_MODULES": str(MODULES)},
    )


def sends_an_answer():
    """How many writes to sockets a response takes; None where processes cannot be traced."""
    if shutil.which("strace") is None:
        return None
    requests = 500
    with endpoint() as server, tempfile.NamedTemporaryFile("r") as out:
        tracer = subprocess.Popen(
            [
                "strace",
                "-f",
                "-c",
                "-e",
                "trace=sendto,sendmsg,write,writev",
                "-o",
                out.name,
                "-p",
                str(server.process.pid),
            ],
            stderr=subprocess.PIPE,
        )
        time.sleep(0.5)
        if tracer.poll() is not None:
            return None
        loop(server.url, requests)
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
        table = pathlib.Path(out.name).read_text()
    calls = sum(
        int(line.split()[3])
        for line in table.splitlines()
        if line.split() and line.split()[-1] in ("sendto", "sendmsg", "write", "writev")
    )
    return calls / requests


def measure(rounds):
    notes, goals = [], []
    with tempfile.TemporaryDirectory() as folder:
        servers = {"grantspec-endpoint": (endpoint(), FAST, SCOPE)}
        for name, start, requests, scope in (
            ("nginx, a static file", nginx, FAST, "-"),
            ("oidc-provider", oidc_provider, SLOW, SCOPE),
        ):
            place = pathlib.Path(folder) / start.__name__
            place.mkdir()
            try:
                servers[name] = (start(str(place)), requests, scope)
            except Skipped as reason:
                notes.append(str(reason))
        cost = {name: [] for name in servers}
        try:
            for _, (server, requests, scope) in servers.items():  # warm: compiled, files open
                loop(server.url, requests // 4, scope=scope)
            for _ in range(rounds):
                for name, (server, requests, scope) in servers.items():
                    before = server.cpu()
                    loop(server.url, requests, scope=scope)
                    cost[name].append((server.cpu() - before) / requests)
        finally:
            for server, _, _ in servers.values():
                server.__exit__()
    for name, each in cost.items():
        goals.append(
            Goal(f"CPU a response: {name}", "", f"{median(each) * 1e6:.1f} us", None, spread(each))
        )
    ours = cost["grantspec-endpoint"]
    if "oidc-provider" in cost:
        goals.append(
            ratio_goal(
                "CPU a response of oidc-provider / grantspec-endpoint",
                cost["oidc-provider"],
                ours,
                least=5,
            )
        )
    if "nginx, a static file" in cost:
        goals.append(
            ratio_goal(
                "answers a CPU second of grantspec-endpoint / nginx",
                cost["nginx, a static file"],
                ours,
                least=0.45,
            )
        )
    sends = sends_an_answer()
    if sends is not None:
        goals.append(
            Goal("writes to the socket a response", "1", f"{sends:.2f}", abs(sends - 1) < 0.02)
        )
    notes.append(
        f"{FAST} requests a round, 32 at once on kept connections ({SLOW} to oidc-provider); the"
        " server's own time on the processor, user and system, without its start. nginx: one"
        " process, open_file_cache on, no log; GET without credentials, so that it reads no"
        " content and checks nothing."
    )
    return goals, notes
