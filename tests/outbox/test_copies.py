"""The sealed copy says what was sent, without the keys that were in it."""

import pytest

from outbox.kinds import Mail
from outbox.sender import Tally, send_due
from tests.outbox.rows import again, plan_one, register_kind
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db
TOKEN = "aZ9_-" * 8 + "end"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"open https://a.test/x/{TOKEN}/ now", "open https://a.test/x/…/ now"),
        (f"http://a.test:8000/m/{TOKEN}.", "http://a.test:8000/m/…."),
        (f"https://a.test/{TOKEN}/{TOKEN}?a=1", "https://a.test/…/…?a=1"),
        ("https://a.test/sessions/6f1c0a5e-52b2-4b0e-9c58-0f6a4a0d7b11/", None),
        (f"no link: /{TOKEN}/ {'a' * 50}", None),
    ],
)
def test_long_parts_of_links_are_cut_in_the_copy_alone(text: str, kept: str | None, sink: Sink) -> None:
    register_kind(render=lambda message: Mail("a@example.org", "hello", text, "<p>x</p>"))
    row = plan_one()

    assert send_due() == Tally(sent=1)

    assert again(row).sent_copy == {"to": "a@example.org", "subject": "hello", "text": kept or text}
    body = sink.taken[0].data.replace(b"=\r\n", b"").replace(b"=3D", b"=")
    assert text.encode() in body
