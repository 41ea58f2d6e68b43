"""The ways of writing a secret that a server may send back, or a report may contain.

They are listed here a second time, on purpose: nothing is shared with the programs that redact.
"""
import base64
import functools
import html
import json
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Iterable, Iterator

from lib.clients import CLIENTS

ENCODERS: tuple[Callable[[bytes], bytes], ...] = (base64.b64encode, base64.urlsafe_b64encode)


def in_base64(value: str, *before: str) -> Iterator[str]:
    """The base64 characters that the value alone decides, after each of these texts."""
    size = len(value.encode())
    for encode in ENCODERS:
        for prefix in before:
            at = len(prefix.encode())
            whole = encode((prefix + value).encode()).decode()
            yield whole[(8 * at + 5) // 6 : (at + size) * 8 // 6]


@functools.lru_cache(maxsize=None)
def common_spellings(value: str, login: str = "") -> tuple[str, ...]:
    """The spellings in which the whole value can be read: raw, percent, hexadecimal, JSON, base64.

    Base64 at each offset, and after the login where one is given.
    """
    raw = value.encode()
    percent = "".join(f"%{b:02X}" for b in raw)
    found = [
        value,
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        percent,
        percent.lower(),
        raw.hex(),
        raw.hex().upper(),
        "".join(f"\\u{b:04x}" for b in raw),
        *in_base64(value, "", "a", "ab", *([login + ":"] if login else [])),
    ]
    return tuple(dict.fromkeys(found))


def as_written(spelling: str) -> set[str]:
    """A spelling as text, JSON and HTML write it."""
    return {spelling, json.dumps(spelling)[1:-1], html.escape(spelling)}


@functools.lru_cache(maxsize=None)
def all_spellings(value: str, login: str = "client") -> tuple[str, ...]:
    """Every way of writing a value that a server was seen to use, and some more; also cut off."""
    found = [
        *[value, value.upper(), value.lower(), value.swapcase()],
        *_escaped(value),
        *_as_numbers(value.encode()),
        *_separated(value),
        *_in_character_sets(value),
        *_in_bases(value, login),
        *[value[:8], value[:10] + "...", value[:9] + "\u2026", value[:-1], value[:12] + "***"],
    ]
    return tuple(spelling for spelling in dict.fromkeys(found) if spelling)


def readings(data: bytes) -> set[bytes]:
    """Every way in which a lenient server could read a request, in lower case."""
    texts = {data, data.replace(b"\0", b"")}
    for text in list(texts):
        texts.add(urllib.parse.unquote_to_bytes(text.replace(b"+", b" ")))
    for text in list(texts):
        texts.add(urllib.parse.unquote_to_bytes(text))
        texts.add(re.sub(rb"\\u00([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), text))
    for text in list(texts):
        kept = re.sub(rb"[^A-Za-z0-9+/_-]", b"", text).translate(bytes.maketrans(b"-_", b"+/"))
        for skip in range(4):
            part = kept[skip:]
            decoded = base64.b64decode(part[: len(part) // 4 * 4])
            texts.update((decoded, urllib.parse.unquote_to_bytes(decoded)))
    return {text.lower() for text in texts}


def credentials_in(data: bytes) -> list[str]:
    """The ids and secrets of the clients of the reference endpoint in any reading of a request."""
    texts = readings(data)
    words = {word for client in CLIENTS.values() for word in client}
    return sorted(word for word in words if any(word.lower().encode() in text for text in texts))


def _joined(items: Iterable[str], *separators: str) -> list[str]:
    parts = list(items)
    return [separator.join(parts) for separator in separators]


def _escaped(value: str) -> Iterator[str]:
    raw = value.encode()
    # Percent: what must be, everything, twice, in lower case, as in forms.
    quoted = urllib.parse.quote(value, safe="")
    every = "".join(f"%{b:02X}" for b in raw)
    yield from (quoted, every, every.lower(), quoted.lower(), urllib.parse.quote_plus(value))
    yield from (urllib.parse.quote(one, safe="") for one in (quoted, every))
    yield "".join(f"%u{ord(c):04x}" for c in value)
    # JSON, JSON in JSON, JavaScript, C.
    once = json.dumps(value)[1:-1]
    yield from (once, json.dumps(once)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield "".join(f"\\u{ord(c):04x}" for c in value)
    yield "".join(f"\\\\u{ord(c):04X}" for c in value)
    yield "".join(f"\\u{{{ord(c):x}}}" for c in value)
    yield "".join(f"\\x{b:02x}" for b in raw)
    yield "".join(f"\\{b:03o}" for b in raw)
    yield "".join("\\" + c if not c.isalnum() else c for c in value)
    # HTML and XML.
    yield html.escape(value)
    yield "".join(f"&#{ord(c)};" for c in value)
    yield "".join(f"&#x{ord(c):x};" for c in value)
    yield "".join(f"&#X{ord(c):04X};" for c in value)
    yield value.replace("#", "&num;").replace("!", "&excl;").replace("é", "&eacute;")
    yield html.escape(html.escape(value))
    yield "".join(f"&amp;#{ord(c)};" for c in value)


def _as_numbers(raw: bytes) -> Iterator[str]:
    hexes = [f"{b:02x}" for b in raw]
    yield from _joined(hexes, "", " ", ":", "-", ", ", "\\x", ",0x")
    yield from (one.upper() for one in _joined(hexes, "", " ", ":"))
    yield from _joined((str(b) for b in raw), ",", " ", ", ", ";", "\n")
    for pattern in ("03d", "03o", "08b"):
        yield from _joined((format(b, pattern) for b in raw), " ", "")
    yield str([b - 256 if b > 127 else b for b in raw])


def _separated(value: str) -> Iterator[str]:
    """White space, line breaks and other marks between the characters."""
    yield from _joined(value, " ", "\t", "\u00a0", "\u200b", "\u00ad", "\n", "'", '"')
    fives = [value[i : i + 5] for i in range(0, len(value), 5)]
    yield from ("\n ".join(fives), "=\n".join(fives))
    yield value[:6] + "<wbr>" + value[6:]
    yield value.replace("'", "''")
    yield "".join(f"={b:02X}" for b in value.encode())


def _in_character_sets(value: str) -> Iterator[str]:
    yield from (unicodedata.normalize(form, value) for form in ("NFC", "NFD"))
    yield value.encode("utf-8").decode("latin-1")
    yield from (value.replace("é", "?"), value.replace("é", "\ufffd"))


def _in_bases(value: str, login: str) -> Iterator[str]:
    """Base64 at each offset, of the value, of pairs, of encodings; base32."""
    raw, pair = value.encode(), f"{login}:{value}".encode()
    form = ":".join(urllib.parse.quote_plus(part) for part in (login, value))
    for what in (
        raw,
        pair,
        form.encode(),
        urllib.parse.quote(value, safe="").encode(),
        raw.hex().encode(),
        base64.b64encode(pair),
        value.encode("utf-16-le"),
        b"a" + raw,
        b"ab" + raw + b"tail",
    ):
        for encode in ENCODERS:
            whole = encode(what).decode()
            yield from (whole, whole.rstrip("="))
    whole = base64.b64encode(pair).decode()
    yield "\n".join(whole[i : i + 6] for i in range(0, len(whole), 6))
    yield urllib.parse.quote(whole, safe="")
    yield base64.b32encode(raw).decode()
