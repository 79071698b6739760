"""Each mail that django-allauth may send by a page that is open here has a letter of ours."""

from pathlib import Path

import allauth
import pytest
from allauth.account.adapter import get_adapter

from outbox.models import Message
from practice.accounts import LETTERS
from practice.models import User

MAILS = sorted(
    str(path.relative_to(Path(allauth.__path__[0]) / "templates")).removesuffix("_subject.txt")
    for path in Path(allauth.__path__[0]).glob("templates/mfa/email/*_subject.txt")
)


def test_every_mail_about_the_second_factor_has_a_letter() -> None:
    assert len(MAILS) == 5
    assert [name for name in MAILS if name not in LETTERS] == []


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_the_letter_is_written_in_full(counsellor: User, name: str) -> None:
    url = "http://localhost:8000/reset" if name.endswith("reset_key") else ""
    get_adapter().send_mail(name, counsellor.email, {"user": counsellor, "password_reset_url": url})
    mail = Message.objects.get().payload
    what = LETTERS[name][1]
    assert (mail["to"], what in mail["text"], what in mail["html"]) == (counsellor.email, True, True)
    assert "counsel" not in mail["subject"].lower()
