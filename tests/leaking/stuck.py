"""A mail server that takes a mail's text and then says nothing more: whoever sends is in the middle of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ANSWERS = {b"EHLO": b"250 stuck\r\n", b"DATA": b"354 go on\r\n"}


@contextmanager
def stuck_mail_server(port: int) -> Iterator[threading.Event]:
    """Listen on a port; the event is set once a mail has begun to come in."""
    begun, lines = threading.Event(), []
    with socket.create_server(("127.0.0.1", port)) as door:
        door.settimeout(0.2)

        def serve() -> None:
            while door.fileno() != -1:
                try:
                    line, _ = door.accept()
                except OSError:
                    continue
                lines.append(line)
                threading.Thread(target=_listen, args=(line, begun), daemon=True).start()

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield begun
    server.join(5)
    for line in lines:
        line.close()


def _listen(line: socket.socket, begun: threading.Event) -> None:
    line.sendall(b"220 stuck\r\n")
    with line.makefile("rb") as said:
        for command in said:
            line.sendall(ANSWERS.get(command[:4].upper(), b"250 OK\r\n"))
            if command[:4].upper() == b"DATA":
                break
        if said.readline():
            begun.set()
