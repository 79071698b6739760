from datetime import timedelta

from django.utils import timezone

from practice.letters import Written, write
from practice.models import Practice
from tests.factories import make_practice


def invitation(**context: object) -> Written:
    whole = {
        "inviter_name": "Alder Testman",
        "role_label": "counsellor",
        "join_url": "http://localhost:8000/practice/join/x/",
        "expires_at": timezone.now() + timedelta(days=7),
        **context,
    }
    return write("mail/invitation", whole)


def test_a_subject_is_one_line(practice: Practice) -> None:
    written = invitation(inviter_name="Alder\r\nBcc: all@example.org")
    assert written.subject == "Alder Bcc: all@example.org invites you to Willow Practice"


def test_text_is_not_escaped_and_html_is(practice: Practice) -> None:
    written = invitation(inviter_name="A & <b>")
    assert written.text.startswith("Hello,\n\nA & <b> has invited you")
    assert "A &amp; &lt;b&gt; has invited you" in written.html
    assert "<b>" not in written.html


def test_styles_move_into_the_elements_but_dark_mode_stays(practice: Practice) -> None:
    html = invitation().html
    assert 'class="button" style="' in html or "display: inline-block" in html.partition("<body")[2]
    assert "@media (prefers-color-scheme: dark)" in html


def test_nothing_in_the_mail_comes_from_elsewhere(practice: Practice) -> None:
    html = invitation().html
    assert [tag for tag in ("<img", "<link", "<script", "url(") if tag in html] == []


def test_the_title_is_the_subject(practice: Practice) -> None:
    written = invitation()
    assert f"<title>{written.subject}</title>" in written.html


def test_there_is_never_more_than_one_empty_line(practice: Practice) -> None:
    assert "\n\n\n" not in invitation().text


def test_the_practice_is_read_at_writing(practice: Practice) -> None:
    make_practice(name="Alder House")
    assert invitation().subject == "Alder Testman invites you to Alder House"
