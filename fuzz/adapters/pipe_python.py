"""Python's urllib.parse and base64 as an adapter: the protocol is that of fuzz/adapters/pipe.c."""
import base64
import binascii
import sys
import urllib.parse


def read_form(content):
    text = content.decode("utf-8", "surrogateescape")
    pairs = urllib.parse.parse_qsl(text, keep_blank_values=True)
    return [part.encode("utf-8", "surrogateescape") for pair in pairs for part in pair]


def read_basic(value):
    scheme, _, token = value.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user_id, colon, password = base64.b64decode(token.strip()).partition(b":")
    except binascii.Error:
        return None
    return [user_id, password] if colon else None


FUNCTIONS = {b"form": read_form, b"basic": read_basic}


def netstring(content):
    return b"%d:%s," % (len(content), content)


def read_netstring(stream):
    digits = b""
    while (byte := stream.read(1)) not in (b":", b""):
        digits += byte
    if not digits:
        sys.exit(0)  # no further question
    content = stream.read(int(digits))
    stream.read(1)
    return content


def main():
    while True:
        name, content = read_netstring(sys.stdin.buffer), read_netstring(sys.stdin.buffer)
        function = FUNCTIONS.get(name)
        parts = function(content) if function else None
        kind = b"?" if function is None else b"-" if parts is None else b"+"
        answer = netstring(b"".join(map(netstring, parts or [])))
        sys.stdout.buffer.write(kind + answer)
        sys.stdout.buffer.flush()


main()
