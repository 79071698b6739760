"""The same form twice at the same moment, and a client and a counsellor who act at once: one deed holds."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from exercises.answers import NotWithClient, decline_for_now, submit_answer
from exercises.models import Answer, Assignment
from exercises.services import MailWaits, assign_exercise, send_again, withdraw_assignment
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from tests.exercises.factories import make_assignment, make_version
from tests.factories import make_client

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def at_once(deed: Callable[[int], object]) -> Counter[str]:
    """Run a deed in eight threads that start together; count what came of it."""
    start = Barrier(THREADS)

    def attempt(number: int) -> str:
        try:
            start.wait()
            deed(number)
        except NotWithClient:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(attempt, range(THREADS)))


def fresh() -> Assignment:
    """Return the row as one request has it."""
    return Assignment.unscoped.select_related("client", "version").get()


def test_one_form_sent_eight_times_at_once_assigns_once() -> None:
    client, version, nonce = make_client(), make_version(), uuid4()
    send_at, due_on = timezone.now(), clock.today() + timedelta(days=3)

    def assign(_: int) -> None:
        assign_exercise(
            actor=client.counsellor, client=client, version=version, personal_line="x", why="y", plan_when="z",
            plan_where="", due_on=due_on, send_at=send_at, is_practised_together=False, nudges=0, nonce=nonce,
        )  # fmt: skip

    assert at_once(assign) == {"done": THREADS}
    assert (Assignment.unscoped.count(), Message.objects.count(), AuditEntry.objects.count()) == (1, 1, 1)


def test_eight_answers_at_once_keep_one() -> None:
    make_assignment()
    assert at_once(lambda n: submit_answer(assignment=fresh(), sharing="shared", values={"line": f"{n}"})) == {
        "done": THREADS
    }
    assert (Answer.unscoped.count(), AuditEntry.objects.count()) == (1, 1)


def test_an_answer_not_this_week_and_withdrawing_at_once_leave_one_of_them() -> None:
    counsellor = make_assignment().assigned_by

    def deed(number: int) -> None:
        row = fresh()
        if number % 3 == 0:
            submit_answer(assignment=row, sharing="shared", values={})
        elif number % 3 == 1:
            decline_for_now(assignment=row)
        else:
            withdraw_assignment(actor=counsellor, assignment=row)

    at_once(deed)

    state = Assignment.unscoped.get().state
    entry = AuditEntry.objects.get()
    deeds = {"done": "exercise.answer", "not_now": "exercise.not_now", "withdrawn": "exercise.withdraw"}
    assert entry.deed == deeds[state]
    assert Answer.unscoped.count() == (1 if state == "done" else 0)


def test_eight_clicks_at_once_plan_one_more_mail_also_while_the_client_answers() -> None:
    counsellor = make_assignment().assigned_by

    def click(number: int) -> None:
        try:
            if number == 5:
                submit_answer(assignment=fresh(), sharing="shared", values={"line": "x"})
            else:
                send_again(actor=counsellor, assignment=fresh())
        except MailWaits:
            raise NotWithClient from None

    at_once(click)
    assert Answer.unscoped.count() == 1
    assert [mail.state for mail in Message.objects.filter(kind="exercise")] in ([], ["dropped"])
