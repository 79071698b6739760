"""Who may be mailed, asked at sending, and what every mail to them holds."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from clients import services
from clients.letters import MAIL_CHOICES_LAST, ClientLetter, address
from clients.links import resolve
from clients.models import Client, ClientLink
from outbox.kinds import Dropped, Later
from tests.clients.factories import damage
from tests.factories import make_client, make_practice, make_user
from vault.errors import VaultError

pytestmark = pytest.mark.django_db


def letter_to(client: Client) -> ClientLetter:
    letter = address(client)
    assert isinstance(letter, ClientLetter)
    return letter


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"may_email": "no"}, "client has not agreed to e-mail"),
        ({"may_email": "not_asked"}, "client has not agreed to e-mail"),
        ({"mail_stopped_at": timezone.now()}, "client stopped e-mails"),
        ({"email": ""}, "no e-mail address"),
        ({"state": "ended", "ended_at": timezone.now()}, "work has ended"),
    ],
)
def test_a_mail_is_dropped_with_a_reason_that_names_nobody(fields: dict[str, Any], reason: str) -> None:
    client = make_client(**fields)
    assert address(client) == Dropped(reason)
    assert client.may_be_mailed is False
    assert ClientLink.unscoped.count() == 0


def test_a_letter_names_the_client_and_the_counsellor_by_first_name() -> None:
    client = make_client(make_user(name="Rowan Ashdown"), name="Marigold Testwell", email="m@example.org")
    letter = letter_to(client)
    assert letter.to == "m@example.org"
    assert {**letter.context, "mail_choices_url": ""} == {
        "greeting_name": "Marigold", "counsellor_name": "Rowan", "is_discreet": False, "mail_choices_url": "",
    }  # fmt: skip


def test_the_preferred_name_comes_first() -> None:
    assert letter_to(make_client(preferred_name="Goldie B")).context["greeting_name"] == "Goldie B"


def test_a_discreet_letter_names_nobody() -> None:
    client = make_client(make_user(name="Rowan Ashdown"), preferred_name="Goldie", is_discreet=True)
    context = letter_to(client).context
    assert (context["greeting_name"], context["counsellor_name"], context["is_discreet"]) == ("", "", True)


def test_the_link_in_the_letter_opens_the_mail_choices_for_over_a_year() -> None:
    client = make_client()
    letter = letter_to(client)
    url = letter.context["mail_choices_url"]
    start = f"{settings.SITE_URL}/m/"
    assert url.startswith(start)
    assert letter.headers == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    link = resolve(url.removeprefix(start).rstrip("/"), ClientLink.Purpose.MAIL)
    assert (link.client, link.subject_id) == (client, client.id)
    assert timedelta(0) <= timezone.now() + MAIL_CHOICES_LAST - link.expires_at < timedelta(minutes=1)


def test_a_changed_address_counts_from_the_next_mail_on() -> None:
    client = make_client(email="old@example.org")
    assert letter_to(client).to == "old@example.org"
    services.change_client(actor=client.counsellor, client=client, version=1, email="new@example.org")
    assert letter_to(Client.unscoped.get()).to == "new@example.org"


def test_mail_that_was_stopped_may_go_again_after_a_new_start() -> None:
    client = make_client()
    services.stop_mail(client=client)
    assert address(Client.unscoped.get()) == Dropped("client stopped e-mails")
    services.start_mail(client=client)
    assert letter_to(Client.unscoped.get()).to == client.email


def test_a_damaged_address_is_not_taken_for_none() -> None:
    client = make_client()
    damage(client, "email")
    with pytest.raises(VaultError):
        address(Client.unscoped.get())


LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 11, 24, 4, 20, tzinfo=LONDON), datetime(2026, 11, 24, 8, tzinfo=LONDON)),
        (datetime(2026, 11, 24, 20, 0, 1, tzinfo=LONDON), datetime(2026, 11, 25, 8, tzinfo=LONDON)),
    ],
)
def test_outside_the_practices_hours_a_mail_waits_and_makes_no_link(now: datetime, until: datetime) -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    client = make_client()
    with time_machine.travel(now, tick=False):
        assert address(client) == Later(until)
    assert ClientLink.unscoped.count() == 0


@pytest.mark.parametrize("hour", [8, 14, 20])
def test_within_the_hours_it_leaves(hour: int) -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    client = make_client()
    with time_machine.travel(datetime(2026, 11, 24, hour, tzinfo=LONDON), tick=False):
        assert letter_to(client).to == client.email


def test_whoever_may_not_be_mailed_is_told_so_at_night_too() -> None:
    make_practice(mail_from_time=time(8), mail_until_time=time(20))
    client = make_client(may_email="no")
    with time_machine.travel(datetime(2026, 11, 24, 3, tzinfo=LONDON), tick=False):
        assert address(client) == Dropped("client has not agreed to e-mail")
