"""A public scanner crawls and attacks a running demo practice: as nobody, as a client, and signed in as each role.

`make scan`. The scanner is wapiti (GPL-2.0), pinned below; pip installs it from the registry into a virtualenv that is
removed afterwards. It is no part of Beside and no dependency of it. Everything stays on this machine: what wapiti
would ask of its authors' site, to learn whether the target fetches addresses, is answered by a small server of ours,
which notices by itself when it does. Ends with 1 on a finding above informational that `tests/scan_known.toml` does
not explain, on a page with status 500, and when a scan signed itself out.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import tomllib
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from tests.running import Home, make_home

WAPITI = "wapiti3==3.2.3"
# All of wapiti's attacks but for those that download lists of other products (cms, htp, nikto, wapp, wp_enum,
# network_device), look at TLS or DNS (ssl, https_redirect, takeover, log4shell), or guess (buster, brute_login_form).
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,shellshock,"
    "spring4shell,sql,ssrf,timesql,upload,xss,xxe"
)
# For the crawl, and for each module of attacks. One visitor after the other: wapiti's own database locks when hurried.
SECONDS_A_CRAWL, SECONDS_AN_ATTACK = 45, 5
# On a busy machine it gives up now and then all the same.
TRIES = 3
# Deeds that would end the scan's own sign-in, or a member's whose turn is still to come.
LEFT_OUT = (r"/accounts/logout/", r"/accounts/sign-ins/", r"/practice/members/.*/leave/", r"/practice/members/.*/role/")
PASSWORD = "sit beside it"  # the demo's; its own module needs Django's settings
LEVELS = ("informational", "low", "medium", "high", "critical")
LET_IN = f"""
import datetime
from allauth.account.models import EmailAddress
from django.utils import timezone
from clients.links import mint
from clients.models import Client
from exercises.models import Assignment
from practice.invitations import mint as mint_invitation
from practice.models import Invitation, User
solo = User.objects.create_user("solo@beside.test", "{PASSWORD}", name="Robin Solway", role="solo")
EmailAddress.objects.create(user=solo, email=solo.email, verified=True, primary=True)
Client.unscoped.filter(counsellor__email="second@beside.test").update(counsellor=solo)
until = timezone.now() + datetime.timedelta(days=1)
given = Assignment.unscoped.filter(state="assigned").first()
print("TOKEN /x/", mint(client=given.client, purpose="exercise", subject_id=given.pk, expires_at=until))
print("TOKEN /m/", mint(client=given.client, purpose="mail", subject_id=given.client_id, expires_at=until))
invitation = Invitation.objects.create(email="new@beside.test", invited_by=solo, expires_at=until)
print("TOKEN /practice/join/", mint_invitation(invitation))
"""


@dataclass
class Scan:
    """What one visitor's scan found: (level, category, method and path, what wapiti says)."""

    visitor: str
    pages: int = 0
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)

    def count(self, level: int) -> int:
        return len([each for each in self.findings if each[0] == level])


class Endpoint(BaseHTTPRequestHandler):
    """Stands where wapiti's authors' site would: whoever fetches from it but wapiti itself is the site under attack."""

    fetched: list[str] = []  # noqa: RUF012 - one list for all requests

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        if not re.match(r"/($|get_\w+\.php)", self.path):
            self.fetched.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the terminal."""


@contextmanager
def endpoint() -> Iterator[str]:
    """Run the endpoint on a free port of this machine, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def install(folder: Path) -> Path:
    """Install wapiti into a virtualenv of its own and return its program; WAPITI names one that is there already."""
    if "WAPITI" in os.environ:
        return Path(os.environ["WAPITI"])
    print(f"Installing {WAPITI} (removed afterwards)", flush=True)
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, WAPITI], check=True)
    return folder / "bin" / "wapiti"


def arrive(home: Home, email: str = "") -> str:
    """Return the cookies of somebody who has opened the first page, and signed in where there is an address."""
    jar = CookieJar()
    opener = build_opener(HTTPCookieProcessor(jar))
    page = f"{home.url}/accounts/login/"
    form = opener.open(page, timeout=30).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    if email:
        data = {"csrfmiddlewaretoken": token[1], "login": email, "password": PASSWORD}
        opener.open(page, data=urlencode(data).encode(), timeout=30)
    cookies = {cookie.name: cookie.value for cookie in jar}
    assert ("sessionid" in cookies) == bool(email), f"{email} could not sign in"
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def is_signed_in(home: Home, cookies: str) -> bool:
    opener = build_opener()
    opener.addheaders = [("Cookie", cookies)]
    with opener.open(home.url, timeout=30) as answer:
        return "/accounts/login/" not in answer.geturl()


def scan(program: Path, home: Home, visitor: str, cookies: str, starts: list[str], listener: str) -> Scan:
    """Let wapiti loose as one visitor and read its report."""
    report = home.folder / f"{visitor}.json"
    command = [
        str(program), "--url", f"{home.url}/", "--scope", "folder", "--module", MODULES, "--level", "1",
        "--max-scan-time", str(SECONDS_A_CRAWL), "--max-attack-time", str(SECONDS_AN_ATTACK), "--depth", "6",
        "--max-files-per-dir", "12", "--timeout", "10", "--endpoint", listener, "--format", "json",
        "--output", str(report), "--store-session", str(home.folder / f"session-{visitor}"), "--no-bugreport",
        "--verbose", "0", "--flush-session",
    ]  # fmt: skip
    command += [part for path in starts for part in ("--start", home.url + path)]
    command += [part for path in LEFT_OUT for part in ("--exclude", re.sub(r"\.\*", "*", home.url + path) + "*")]
    command += ["--cookie-value", cookies]
    said = home.folder / f"{visitor}.out"
    for _ in range(TRIES):
        with said.open("w") as out:
            subprocess.run(command, stdout=out, stderr=out, check=False, timeout=1800)
        if report.exists():
            print(f"{visitor} has been everywhere", flush=True)
            return read(visitor, json.loads(report.read_text()))
    raise AssertionError(f"{visitor}: wapiti wrote no report. {said.read_text()[-3000:]}")


def read(visitor: str, report: dict[str, Any]) -> Scan:
    """Return what a report of wapiti says; anomalies are findings as well."""
    found = Scan(visitor, pages=report["infos"]["crawled_pages_nbr"])
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for category, each in report[part].items():
            found.findings += [
                (one["level"], category, f"{one['method']} {one['path']}", " ".join(one["info"].split()))
                for one in each
            ]
    return found


def unexplained(scans: list[Scan]) -> list[str]:
    """Return the findings above informational that `scan_known.toml` does not explain, one line each."""
    known = tomllib.loads((Path(__file__).parent / "scan_known.toml").read_text())["finding"]
    return sorted(
        {
            f"{each.visitor}: {LEVELS[level]}, {category}, {where}: {said}"
            for each in scans
            for level, category, where, said in each.findings
            if level > 0 and not any(one["category"] == category and re.fullmatch(one["where"], where) for one in known)
        }
    )


def trouble(home: Home) -> list[str]:
    """Return the log's lines about pages that broke, and what the site fetched for somebody."""
    broken = [line for line in home.log.read_text().splitlines() if "status=500" in line or "Traceback" in line]
    return broken + [f"the site fetched {path}" for path in Endpoint.fetched]


def table(scans: list[Scan]) -> str:
    """Return the figures as a table: a line a visitor."""
    rows = [f"{'visitor':<12} {'pages':>6} " + " ".join(f"{level:>14}" for level in LEVELS)]
    for each in scans:
        rows.append(f"{each.visitor:<12} {each.pages:>6} " + " ".join(f"{each.count(n):>14}" for n in range(5)))
    return "\n".join(rows)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="beside-scan-") as name, endpoint() as listener:
        program = install(Path(name) / "venv")
        home = make_home(Path(name) / "home", REQUIRE_MFA="0")
        home.manage("prepare")
        home.manage("demo")
        tokens = re.findall(r"TOKEN (\S+) (\S+)", home.manage("shell", "--no-imports", "-c", LET_IN).stdout)
        with home.started(), ThreadPoolExecutor(max_workers=1) as visits:
            cookies = {"nobody": arrive(home)}
            cookies |= {who: arrive(home, f"{who}@beside.test") for who in ("counsellor", "solo", "admin")}
            starts = {"nobody": [f"{path}{token}/" for path, token in tokens]}
            scans = list(
                visits.map(lambda who: scan(program, home, who, cookies[who], starts.get(who, []), listener), cookies)
            )
            out = [who for who in cookies if who != "nobody" and not is_signed_in(home, cookies[who])]
        bad = [f"{who}: the scan signed itself out" for who in out]
        bad += trouble(home) + unexplained(scans)
    print(table(scans))
    print("\n".join(bad) or "Nothing above informational is unexplained, and no page broke.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
