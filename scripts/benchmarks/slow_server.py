"""A token endpoint that takes so many seconds for each response, whatever is asked: for measuring
clients.

usage: slow_server.py PORT [SECONDS [LOG]]

LOG gets the time at which each request was complete, in seconds of the monotonic clock, when the
server ends.
"""
import asyncio
import pathlib
import signal
import sys
import time

DELAY = float(sys.argv[2]) if len(sys.argv) > 2 else 0.05
LOG = sys.argv[3] if len(sys.argv) > 3 else None
BODY = (
    b'{"access_token":"%s","token_type":"Bearer","expires_in":900,"scope":"billing:customers:read"}'
    % (b"t" * 43)
)
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
    b"Pragma: no-cache\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: %d\r\n\r\n"
    % len(BODY)
) + BODY
ARRIVALS = []


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.buffer = transport, b""

    def data_received(self, data):
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line[15:])
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            ARRIVALS.append(time.monotonic())
            asyncio.get_running_loop().call_later(DELAY, self.answer)

    def answer(self):
        if not self.transport.is_closing():
            self.transport.write(ANSWER)


async def main():
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    server = await loop.create_server(Connection, "127.0.0.1", int(sys.argv[1]), backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()
    if LOG is not None:
        pathlib.Path(LOG).write_text("".join(f"{t:.6f}\n" for t in ARRIVALS))


asyncio.run(main())
