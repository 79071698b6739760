"""Claim, mark, settle: each row goes to one worker, and the mark is the fence before the socket."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from outbox.claims import LEASE, Verdict, claim, mark_dispatched, settle
from outbox.models import Message
from tests.outbox.rows import State, again, plan_many, plan_one, wanted


@pytest.mark.django_db
def test_only_due_rows_are_claimed_the_oldest_first() -> None:
    plan_one(wanted(1))
    plan_one(wanted(-120, lasts=timedelta(hours=1)))
    rows = plan_many(3)
    before = timezone.now()

    claimed = claim()

    assert [row.reference for row in claimed] == ["0000", "0001", "0002"]
    assert {row.pk for row in claimed} == {row.pk for row in rows}
    assert {row.state for row in claimed} == {State.LEASED}
    assert len({row.token for row in claimed}) == 1
    assert all(row.lease_until and before + LEASE <= row.lease_until <= timezone.now() + LEASE for row in claimed)


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 3, 20])
def test_no_more_than_the_limit_is_claimed(limit: int) -> None:
    plan_many(30)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    assert [row.reference for row in claim(limit)] == [f"{each:04d}" for each in range(limit)]
    assert Message.objects.filter(state=State.LEASED).count() == limit


@pytest.mark.django_db
@pytest.mark.parametrize("state", [each for each in State if each not in (State.PLANNED, State.LEASED)])
def test_no_other_state_is_claimed(state: str) -> None:
    plan_one()
    Message.objects.update(state=state, sent_at=timezone.now())

    assert claim() == []


@pytest.mark.django_db(transaction=True)
def test_no_row_is_claimed_twice_by_workers_at_once() -> None:
    plan_many(200)
    claimed: list[list[Message]] = []
    start = threading.Barrier(8)

    def work() -> None:
        try:
            start.wait(10)
            while rows := claim(7):
                claimed.append(rows)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    ids = [row.pk for rows in claimed for row in rows]
    assert (len(ids), len(set(ids))) == (200, 200)
    assert max(len(rows) for rows in claimed) <= 7


@pytest.mark.django_db
def test_mark_notes_the_moment_counts_the_try_and_starts_the_lease_anew() -> None:
    row = plan_one()
    (claimed,) = claim()
    Message.objects.update(lease_until=timezone.now() + timedelta(seconds=5))

    assert mark_dispatched(claimed, None) is True

    marked = again(row)
    assert marked.dispatched_at is not None
    assert marked.lease_until == marked.dispatched_at + LEASE
    assert (marked.attempts, marked.state) == (1, State.LEASED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "meanwhile",
    [
        {"state": State.DROPPED, "token": None, "lease_until": None},
        {"token": uuid4()},
        {"lease_until": timezone.now() - timedelta(seconds=1)},
        {"dispatched_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
    ids=["dropped", "claimed by another", "lease over", "dispatched already", "too late"],
)
def test_mark_refuses_what_changed_meanwhile(meanwhile: dict[str, object]) -> None:
    row = plan_one()
    (claimed,) = claim()
    Message.objects.update(**meanwhile)
    before = Message.objects.values().get()

    assert mark_dispatched(claimed, None) is False
    assert Message.objects.values().get() == before
    assert again(row).attempts == 0


@pytest.mark.django_db
def test_verdict_on_the_mail_before_rides_in_the_same_statement(django_assert_num_queries: object) -> None:
    plan_many(3)
    first, second, third = claim()
    mark_dispatched(first, None)
    now = timezone.now()
    first.sent_copy = {"to": "a@example.org"}
    blob = Message._meta.get_field("sent_copy").pre_save(first, False)
    verdict = Verdict(first.pk, _token(first), State.SENT, {"sent_at": now, "smtp_reply": "250 OK", "sent_copy": blob})

    with django_assert_num_queries(1):  # type: ignore[operator] # the fixture has no public type for this use
        assert mark_dispatched(second, verdict) is True

    sent, marked, waiting = again(first), again(second), again(third)
    assert (sent.state, sent.sent_at, sent.smtp_reply, sent.token) == (State.SENT, now, "250 OK", None)
    assert sent.sent_copy == {"to": "a@example.org"}
    assert (marked.state, marked.attempts, marked.sent_at, marked.sent_copy) == (State.LEASED, 1, None, None)
    assert (waiting.attempts, waiting.dispatched_at) == (0, None)


@pytest.mark.django_db
def test_verdict_is_written_although_the_next_mail_was_dropped() -> None:
    plan_many(2)
    first, second = claim()
    mark_dispatched(first, None)
    Message.objects.filter(pk=second.pk).update(state=State.DROPPED, token=None, lease_until=None)

    assert mark_dispatched(second, Verdict(first.pk, _token(first), State.SENT, {"sent_at": timezone.now()})) is False
    assert (again(first).state, again(second).state) == (State.SENT, State.DROPPED)


@pytest.mark.django_db
def test_late_worker_cannot_overwrite_what_another_has_decided() -> None:
    row = plan_one()
    (claimed,) = claim()
    Message.objects.update(token=uuid4())

    assert settle(Verdict(row.pk, _token(claimed), State.FAILED, {"reason": "x"})) is False
    assert again(row).state == State.LEASED


@pytest.mark.django_db
def test_verdict_gives_the_row_back() -> None:
    row = plan_one()
    (claimed,) = claim()

    assert settle(Verdict(row.pk, _token(claimed), State.FAILED, {"reason": "refused"})) is True
    assert (again(row).state, again(row).token, again(row).lease_until) == (State.FAILED, None, None)


def _token(message: Message) -> UUID:
    assert message.token is not None
    return message.token
