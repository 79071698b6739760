"""A mail server that does as it is told: takes, refuses, puts off, cuts the line. It notes what it took, and when."""

import re
import socket
import socketserver
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass

CUT = "cut"  # instead of a reply: the line goes dead
TAKE_AND_CUT = "take and cut"  # the mail has arrived, and the line goes dead before the server says so
_MESSAGE_ID = re.compile(rb"^Message-ID: <(.+?)>", re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(rb"^Subject: (\S+)", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Taken:
    """A mail that arrived; `at` is monotonic seconds, `label` the first word of its subject."""

    message_id: str
    label: str
    to: str
    data: bytes
    at: float


class Sink(socketserver.ThreadingTCPServer):
    """Replies come from `script[step]`, in turn, else from `usual[step]`, else yes.

    Steps: HELLO AUTH MAIL RCPT DATA END.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.delay = delay
        self.script: dict[str, deque[str]] = defaultdict(deque)
        self.usual: dict[str, str] = {}
        self.taken: list[Taken] = []
        self.connections = 0
        self.offers_login = False
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self) -> "Sink":
        self._thread.start()
        return self

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def reply(self, step: str, default: str) -> str:
        return self.script[step].popleft() if self.script[step] else self.usual.get(step, default)

    def labels(self) -> list[str]:
        return [mail.label for mail in self.taken]


class _Dialogue(socketserver.StreamRequestHandler):
    server: Sink
    to = ""
    in_mail = False

    def handle(self) -> None:
        self.server.connections += 1
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if not self._say("HELLO", "220 sink"):
                return
            while line := self.rfile.readline():
                if not self._answer(line.decode("ascii").strip()):
                    return
        except (ConnectionError, ValueError):
            return

    def _answer(self, line: str) -> bool:
        word = line[:4].upper()
        if word == "EHLO":
            login = "250-AUTH PLAIN\r\n" if self.server.offers_login else ""
            return self._write(f"250-sink\r\n{login}250 8BITMIME")
        if word == "QUIT":
            return self._write("221 bye") and False
        if word == "DATA":
            return self._data()
        if word == "MAIL":
            if self.in_mail:
                return self._write("503 nested MAIL")
            self.in_mail = True
        if word == "RCPT":
            self.to = line[line.index("<") + 1 : line.rindex(">")]
        if word == "RSET":
            self.in_mail = False
        return self._say(word, "235 welcome" if word == "AUTH" else "250 OK")

    def _data(self) -> bool:
        reply = self.server.reply("DATA", "354 go on")
        if reply == CUT or not self._write(reply):
            return False
        if not reply.startswith("3"):
            return True
        data = b""
        while not data.endswith(b"\r\n.\r\n"):
            line = self.rfile.readline()
            if not line:
                return False
            data += line
        time.sleep(self.server.delay)
        self.in_mail = False
        reply = self.server.reply("END", "250 kept")
        if reply.startswith("250") or reply == TAKE_AND_CUT:
            self._take(data)
        return reply not in (CUT, TAKE_AND_CUT) and self._write(reply)

    def _take(self, data: bytes) -> None:
        ids, labels = _MESSAGE_ID.search(data), _NUMBER.search(data)
        assert ids is not None
        label = labels[1].decode() if labels else ""
        self.server.taken.append(Taken(ids[1].decode(), label, self.to, data, time.monotonic()))

    def _say(self, step: str, default: str) -> bool:
        reply = self.server.reply(step, default)
        return reply != CUT and self._write(reply)

    def _write(self, reply: str) -> bool:
        self.wfile.write(reply.encode() + b"\r\n")
        return True
