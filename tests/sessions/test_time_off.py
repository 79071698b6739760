"""The deeds on a counsellor's own time, but leave: tests/sessions/test_take_leave.py."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from practice.models import AuditEntry
from sessions.models import DiaryChange, TimeOff
from sessions.time_off import SameTimeOff, TimeOffChanged, block_time, change_block, remove_time_off
from sessions.undoing import change_of, undo
from tests.factories import make_session, make_user
from tests.sessions.factories import in_days
from tests.sessions.time import make_time_off
from vault.models import DataKey
from vault.services import destroy_data_key

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_time_is_blocked_with_a_label_under_ones_own_key() -> None:
    counsellor = make_user()
    row = block_time(actor=counsellor, starts_at=in_days(2), ends_at=in_days(2, 12), label="Dentist 🦷")
    kept = TimeOff.visible_to(counsellor).get()
    assert (kept.pk, kept.kind, kept.starts_at, kept.ends_at) == (row.pk, "blocked", in_days(2), in_days(2, 12))
    assert kept.label == "Dentist 🦷"
    assert DataKey.objects.filter(owner_id=counsellor.pk).count() == 1
    entry = AuditEntry.objects.get(deed="time_off.block")
    assert (entry.actor, entry.subject_id, "Dentist" in str(entry.detail)) == (counsellor, row.pk, False)


def test_a_second_block_uses_the_same_key() -> None:
    counsellor = make_user()
    block_time(actor=counsellor, starts_at=in_days(2), ends_at=in_days(2, 12))
    block_time(actor=counsellor, starts_at=in_days(3), ends_at=in_days(3, 12), label="Again")
    assert DataKey.objects.filter(owner_id=counsellor.pk).count() == 1
    assert [row.label for row in TimeOff.visible_to(counsellor).order_by("starts_at")] == ["", "Again"]


def test_it_may_overlap_a_session_which_stays() -> None:
    session = make_session(starts_at=in_days(2))
    block_time(actor=session.counsellor, starts_at=in_days(2, 9), ends_at=in_days(2, 17))
    session.refresh_from_db()
    assert (session.status, session.version) == ("booked", 1)


def test_the_same_twice_is_refused_and_anothers_is_not_in_the_way() -> None:
    mine, other = make_user(), make_user()
    block_time(actor=other, starts_at=in_days(2), ends_at=in_days(2, 12))
    block_time(actor=mine, starts_at=in_days(2), ends_at=in_days(2, 12))
    with pytest.raises(SameTimeOff):
        block_time(actor=mine, starts_at=in_days(2), ends_at=in_days(2, 12), label="Twice")
    assert TimeOff.visible_to(mine).count() == 1


def test_blocking_is_undone() -> None:
    counsellor = make_user()
    row = block_time(actor=counsellor, starts_at=in_days(2), ends_at=in_days(2, 12))
    change = change_of(row)
    assert change is not None
    undo(actor=counsellor, change=change)
    assert TimeOff.visible_to(counsellor).count() == 0


def test_a_change_of_times_leaves_the_label_and_is_undone() -> None:
    row = make_time_off(make_user(), in_days(2))
    moved = change_block(
        actor=row.counsellor, row=row, version=1, starts_at=in_days(3), ends_at=in_days(3, 12), label=None
    )
    assert (moved.starts_at, moved.label, moved.version) == (in_days(3), "Dentist", 2)
    change = change_of(moved)
    assert change is not None
    undo(actor=row.counsellor, change=change)
    row.refresh_from_db()
    assert (row.starts_at, row.ends_at, row.label) == (in_days(2), in_days(2) + HOUR, "Dentist")


def test_a_changed_label_offers_no_undo_that_would_not_bring_it_back() -> None:
    row = make_time_off(make_user(), in_days(2))
    changed = change_block(
        actor=row.counsellor, row=row, version=1, starts_at=row.starts_at, ends_at=row.ends_at, label="Training"
    )
    assert (changed.label, change_of(changed)) == ("Training", None)


def test_the_same_again_changes_nothing() -> None:
    row = make_time_off(make_user(), in_days(2))
    change_block(actor=row.counsellor, row=row, version=1, starts_at=row.starts_at, ends_at=row.ends_at, label=None)
    assert (TimeOff.visible_to(row.counsellor).get().version, AuditEntry.objects.count()) == (1, 0)


def test_a_stale_form_or_a_removed_row_is_told() -> None:
    row = make_time_off(make_user(), in_days(2))
    span: dict[str, Any] = {"starts_at": in_days(3), "ends_at": in_days(3, 12)}
    with pytest.raises(TimeOffChanged):
        change_block(actor=row.counsellor, row=row, version=0, **span)
    remove_time_off(actor=row.counsellor, row=row)
    with pytest.raises(TimeOffChanged):
        change_block(actor=row.counsellor, row=row, version=1, **span)


def test_a_label_that_does_not_open_is_kept_where_times_change() -> None:
    row = make_time_off(make_user(), in_days(2))
    destroy_data_key(row.counsellor.pk)
    before = sealed_label()
    change_block(actor=row.counsellor, row=row, version=1, starts_at=in_days(3), ends_at=in_days(3, 12))
    assert (sealed_label(), len(before) > 100) == (before, True)


def sealed_label() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT label FROM client_sessions_timeoff")
        return bytes(cursor.fetchone()[0])


def test_removing_it_brings_no_session_back_and_twice_is_once() -> None:
    session = make_session(starts_at=in_days(2), status="cancelled_by_counsellor")
    row = make_time_off(session.counsellor, in_days(2))
    remove_time_off(actor=session.counsellor, row=row)
    remove_time_off(actor=session.counsellor, row=row)
    session.refresh_from_db()
    assert session.status == "cancelled_by_counsellor"
    assert AuditEntry.objects.filter(deed="time_off.remove", subject_id=row.pk).count() == 1


def test_what_a_member_who_left_had_blocked_is_harmless() -> None:
    """Their rows are shown to nobody, and come back with them."""
    row = make_time_off(make_user(), in_days(2))
    row.counsellor.is_active, row.counsellor.left_at = False, timezone.now()
    row.counsellor.save(update_fields=["is_active", "left_at"])
    assert TimeOff.visible_to(row.counsellor).count() == 0
    assert TimeOff.visible_to(make_user()).count() == 0
    row.counsellor.is_active = True
    assert TimeOff.visible_to(row.counsellor).get().label == "Dentist"


def test_undo_is_forgotten_with_its_deed() -> None:
    row = block_time(actor=make_user(), starts_at=in_days(2), ends_at=in_days(2, 12))
    remove_time_off(actor=row.counsellor, row=row)
    assert DiaryChange.unscoped.count() == 1  # kept for an hour, and harmless: its row is gone
