"""The clients of the reference endpoint, and profiles for it."""
import base64
import urllib.parse
from collections.abc import Iterable
from typing import Any, NamedTuple

READ = "billing:batches:read"
SCOPES = f"{READ} billing:customers:read billing:batches:submit billing:customers:invite"


class Client(NamedTuple):
    """A client as it is registered."""

    id: str
    secret: str

    @property
    def pair(self) -> str:
        """The login as the options of the programs take it."""
        return f"{self.id}:{self.secret}"

    @property
    def basic(self) -> str:
        """The value of Authorization with this login, as RFC 6749 section 2.3.1 encodes it."""
        pair = ":".join(urllib.parse.quote_plus(part) for part in self)
        return "Basic " + base64.b64encode(pair.encode()).decode()


# By the name of their role in a profile.
CLIENTS = {
    "main": Client("s6BhdRkqt3", "gX1fBat3bV"),
    "pad1": Client("partner-pad1", "k3yForPadOne1"),
    "pad2": Client("partner-pad2", "k3yForPadTwo"),
    "b64url": Client("partner-b64u", "k>>>?key??"),
    "colon": Client("partner-colon", "se:cr:et"),
    "reserved": Client("partner-enc", "a+b%2Fc d&e=f/"),
    "read_only": Client("partner-read", "r3adOnlySecret"),
    "no_scope": Client("partner-noscope", "n0neAtAll"),
    "no_grant": Client("partner-nogrant", "n0Grant4u"),
    "suspended": Client("partner-suspended", "susp3nded"),
    "second": Client("partner-second", "sec0ndSecret"),
    "short_lived": Client("partner-brief", "br1efTokens"),
    "long": Client(
        "partner-long", "long-secret-of-exactly-seventy-two-octets-so-that-nothing-may-cut-it-off"
    ),
}
MAIN = CLIENTS["main"]
# The clients of a profile with a second scope, marks to encode and clients to be refused.
PROFILE_ROLES = ("main", "second", "read_only", "reserved", "colon", "b64url")
GRANTED = {"second": SCOPES.split(), "no_scope": []}
# For --user-env U.
USER = {"U": MAIN.pair}
TARGET_OPTIONS = ("--user-env", "U", "--scope", READ)


def profile(
    url: str, roles: Iterable[str] = PROFILE_ROLES, **more: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    """A profile of the reference endpoint with clients besides the main one.

    The second value has the variables from which the profile takes the secrets.
    """
    clients: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for role in ("main", *(role for role in roles if role != "main")):
        variable = "SECRET_" + role.upper()
        secrets[variable] = CLIENTS[role].secret
        granted = SCOPES.split() if role == "main" else GRANTED.get(role, [READ])
        clients[role] = {
            "id": CLIENTS[role].id,
            "secret_env": variable,
            "granted_scopes": granted,
        }
    main = clients.pop("main")
    granted = main.pop("granted_scopes")
    known = {"url": url, "base": "pyng", "client": main, "granted_scopes": granted}
    return {**known, "clients": clients, **more}, secrets
