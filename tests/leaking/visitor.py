"""A browser without a screen: keeps cookies, posts forms, uploads files; in one piece, or slowly."""

import json
import re
import socket
from collections.abc import Callable
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from config.demo.cast import PASSWORD
from tests.running import Home

ROOMS = "clients|sessions|exercises|notes|supervision"
BOUNDARY = "a-line-that-is-in-no-file"


class Visitor:
    """Somebody at a browser."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.jar = CookieJar()
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))

    def answer(self, path: str, data: bytes | None = None, kind: str = "", **headers: str) -> tuple[int, bytes]:
        """Return the status and the body of whatever comes back, an error too."""
        sent = {"Content-Type": kind or "application/x-www-form-urlencoded", **headers}
        try:
            with self.opener.open(Request(self.home.url + path, data, sent), timeout=60) as answer:
                return answer.status, bytes(answer.read())
        except HTTPError as error:
            return error.code, error.read()

    def get(self, path: str) -> str:
        status, body = self.answer(path)
        assert status == 200, (path, status)
        return body.decode("utf-8", "replace")

    def hidden(self, page: str, *names: str) -> dict[str, str]:
        """Return hidden fields of a page's form."""
        html = self.get(page)
        found = {name: re.search(rf'name="{name}"\s+value="([^"]+)"', html) for name in names}
        return {name: match[1] for name, match in found.items() if match is not None}

    def post(self, page: str, path: str, **fields: str) -> bytes:
        token = self.hidden(page, "csrfmiddlewaretoken")
        status, body = self.answer(path, urlencode({**token, **fields}).encode())
        assert status == 200, (path, status)
        return body

    def sign_in(self, email: str) -> None:
        self.post("/accounts/login/", "/accounts/login/", login=email, password=PASSWORD)

    def confirm_identity(self) -> None:
        """Type the password once more, as an export asks for."""
        self.post("/accounts/reauthenticate/", "/accounts/reauthenticate/", password=PASSWORD)

    def links(self, page: str) -> list[str]:
        return sorted(set(re.findall(rf'href="(/(?:{ROOMS})/[^"#?]*)"', self.get(page))))

    def type_and_leave(self, page: str, **words: str) -> int:
        """Type words into a page's form and never save them; the page's script sends them to be kept."""
        fields = self.hidden(page, "csrfmiddlewaretoken", "keep_token")
        sent = json.dumps({"keep_token": fields["keep_token"], "fields": words}).encode()
        csrf = {"X-CSRFToken": fields["csrfmiddlewaretoken"]}
        return self.answer("/practice/words/", sent, "application/json", **csrf)[0]

    # --- files ------------------------------------------------------------------------------------
    def form_with(self, page: str, name: str, content: bytes, **fields: str) -> bytes:
        """Return the body of a page's form with a file in it."""
        hidden = self.hidden(page, "csrfmiddlewaretoken", "nonce")
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in {**hidden, **fields}.items()
        ]
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        return b"".join(parts) + head.encode() + b"\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()

    def upload(self, page: str, name: str, content: bytes, **fields: str) -> int:
        body = self.form_with(page, name, content, **fields)
        return self.answer(page, body, f"multipart/form-data; boundary={BOUNDARY}")[0]

    def upload_slowly(self, page: str, name: str, content: bytes, look: Callable[[], None]) -> int:
        """Send two thirds of a file, look, send the rest; return the status."""
        body = self.form_with(page, name, content, description="")
        with self._line() as line:
            line.sendall(self._head("POST", page, len(body)) + body[: len(body) * 2 // 3])
            look()
            line.sendall(body[len(body) * 2 // 3 :])
            answer = HTTPResponse(line)
            answer.begin()
            return answer.status

    def download_slowly(self, path: str, look: Callable[[], None]) -> int:
        """Ask for a file, look before it is taken, then take it; return its length."""
        with self._line() as line:
            line.sendall(self._head("GET", path, 0))
            answer = HTTPResponse(line)
            answer.begin()
            look()
            return len(answer.read())

    def _line(self) -> socket.socket:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(60)
        line.connect(("127.0.0.1", self.home.port))
        return line

    def _head(self, method: str, path: str, length: int) -> bytes:
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)
        lines = [
            f"{method} {path} HTTP/1.1", f"Host: localhost:{self.home.port}", f"Cookie: {cookies}", "Connection: close",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}", f"Content-Length: {length}", "", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode()
