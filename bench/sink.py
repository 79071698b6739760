"""A mail server that says yes as fast as it can, in a process of its own: prints its port, ends with its parent."""

import asyncio
import sys

ANSWERS = {b"EHLO": b"250-sink\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
END = b"\r\n.\r\n"


class Dialogue(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting, self.in_data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(END if self.in_data else b"\r\n")) >= 0:
            line, self.waiting = self.waiting[:4].upper(), self.waiting[end + (5 if self.in_data else 2) :]
            self.transport.write(b"250 OK\r\n" if self.in_data else ANSWERS.get(line, b"250 OK\r\n"))
            self.in_data = not self.in_data and line == b"DATA"


async def main() -> None:
    """Serve until the parent closes our input."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Dialogue, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
