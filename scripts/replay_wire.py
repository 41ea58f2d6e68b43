"""Records what a program sends to a server, and sends it again to another one.

A recording is a list of events in their order: the number of a connection, what happened on it
("send", "receive", "shut" by the client, "end" by the server) and the bytes. Tokens that the
recorded server issued become those that the other one issues.
"""
import asyncio
import collections
import re
import socket

WAIT_S = 0.5  # for bytes that the recorded server sent
BYTES_MAX = 1 << 20
TOKEN = re.compile(rb'"access_token":"([A-Za-z0-9_-]{43})"')
USED = re.compile(rb"[Bb]earer ([A-Za-z0-9_-]{43})\b")
REQUEST_ID = re.compile(rb"X-Request-Id: [^\r]*")
LENGTH = re.compile(rb"\r\nContent-Length: [^\r]*", re.I)
NAMES = re.compile(rb"\r\n[\w-]+:")
DIRECTIVES = re.compile(rb"\r\n(cache-control|pragma): [^\r]*")
TIMES_MAX = 2  # that a message is sent again
WORDS = re.compile(rb'(error_description":"|error_description="|realm=")[^"]*"')


def normal(received):
    """Bytes of a response without what differs from run to run."""
    received = TOKEN.sub(b"TOKEN", received)
    received = re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: ", received)
    return re.sub(rb"127\.0\.0\.1:\d+", b"HOST", received)


def words_left_out(received):
    """The same without what is the server's to choose: words for people, the case of names."""
    received = LENGTH.sub(b"", WORDS.sub(rb'\1"', received))
    received = NAMES.sub(lambda found: found[0].lower(), received)
    return DIRECTIVES.sub(lambda found: found[0].lower(), received)


def whole_responses(received):
    """How many responses there are with their bodies, or None where one is not whole."""
    count = at = 0
    while at < len(received):
        end = received.find(b"\r\n\r\n", at)
        length = LENGTH.search(received, at, end)
        if end < 0:
            return None
        at = end + 4 + (int(length[0].split()[-1]) if length else 0)
        count += 1
    return count if at == len(received) else None


class Recorder:
    """A proxy on a free port that keeps the events of all connections."""

    def __init__(self, port):
        self.port, self.events, self.connections, self.tasks = port, [], 0, []

    async def pump(self, number, reader, writer, data, end):
        try:
            while chunk := await reader.read(BYTES_MAX):
                self.events.append((number, data, chunk))
                writer.write(chunk)
                await writer.drain()
            self.events.append((number, end, b""))
            writer.write_eof()
        except OSError:
            writer.close()

    async def serve(self, reader, writer):
        self.tasks.append(asyncio.current_task())
        self.connections += 1
        number = self.connections
        inner = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(
            self.pump(number, reader, inner[1], "send", "shut"),
            self.pump(number, inner[0], writer, "receive", "end"),
        )
        inner[1].close()
        writer.close()

    async def record(self, run):
        """Calls run(port), which waits for a program, and returns the events."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)
        own = server.sockets[0].getsockname()[1]
        await asyncio.get_running_loop().run_in_executor(None, run, own)
        server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return self.events


def distinct(events):
    """Leaves out messages that were sent twice already, with what was received for each.

    Messages that only a request id tells apart are one; a message stays whose token is used later.
    """
    used = {token for _, what, data in events if what == "send" for token in USED.findall(data)}
    times, left_out = collections.Counter(), set()
    before = {}  # of a connection: its last event, and what was sent in one piece
    for index, (number, what, data) in enumerate(events):
        previous, sent = before.get(number, ("receive", None))
        if what == "send":
            sent = index if previous in ("receive", "left out") else None
        elif what == "receive" and previous == "left out":
            left_out.add(index)
            what = previous
        elif what == "receive" and previous == "send" and sent is not None:
            key = USED.sub(b"", REQUEST_ID.sub(b"", events[sent][2]))
            times[key] += 1
            if times[key] > TIMES_MAX and used.isdisjoint(TOKEN.findall(data)):
                left_out.update((sent, index))
                what = "left out"
        before[number] = what, sent
    return [event for index, event in enumerate(events) if index not in left_out]


class Player:
    """Sends a recording to a server and compares what is received."""

    def __init__(self, port, events):
        self.port, self.events = port, events
        self.sockets, self.expected, self.received, self.tokens = {}, {}, {}, {}
        self.differences = {}  # "bytes" and "words" of numbers of connections

    def connection(self, number):
        if number not in self.sockets:
            made = socket.create_connection(("127.0.0.1", self.port), WAIT_S)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[number] = made
            self.expected[number] = self.received[number] = b""
        return self.sockets[number]

    def send(self, number, data):
        for old, new in self.tokens.items():
            if old in data:
                data = data.replace(old, new)
        self.connection(number).sendall(data)

    def receive(self, number, data):
        made = self.connection(number)
        self.expected[number] += data
        count = whole_responses(self.expected[number])
        while len(self.received[number]) < len(self.expected[number]):
            if count is not None and whole_responses(self.received[number]) == count:
                break
            chunk = made.recv(BYTES_MAX)
            if not chunk:
                break
            self.received[number] += chunk
        issued = TOKEN.findall(self.received[number])
        self.tokens.update(zip(TOKEN.findall(self.expected[number]), issued))

    def compare(self, number):
        expected, received = normal(self.expected[number]), normal(self.received[number])
        if expected != received:
            same = words_left_out(expected) == words_left_out(received)
            self.differences[number] = "words" if same else "bytes"

    def play(self, all_of_them=False):
        """What differs: nothing, "words" for people alone, or "bytes"; ends with the first byte."""
        for number, what, data in self.events:
            try:
                if what == "send":
                    self.send(number, data)
                elif what == "receive":
                    self.receive(number, data)
                elif what == "shut":
                    self.connection(number).shutdown(socket.SHUT_WR)
                elif self.connection(number).recv(1):
                    self.differences[number] = "bytes"
            except OSError:
                self.differences[number] = "bytes"
            if number in self.sockets and what == "receive":
                self.compare(number)
            if not all_of_them and self.differences.get(number) == "bytes":
                break
        for made in self.sockets.values():
            made.close()
        found = set(self.differences.values())
        return "bytes" if "bytes" in found else "words" if found else ""
