"""The command: what it says, how it ends, and what it makes of an anchor that the trail no longer reaches."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from practice import anchor, trail
from practice.models import AuditEntry, AuditHead, User
from practice.tasks import anchor_trail
from tests.conftest import trail_laid_open


def run(*options: str) -> tuple[int, str, str]:
    """Return how the command ended and what it wrote to stdout and stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command("audit_verify", *options, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def deeds(admin: User) -> list[AuditEntry]:
    for number in range(6):
        trail.record("note.read", actor=admin, subject=admin, reference=f"C-000{number}")
    return list(AuditEntry.objects.order_by("number"))


def cut_off(last: AuditEntry) -> None:
    """Do what a database's owner could: take the end away and set the head back, so that what is left fits."""
    connection.check_constraints()
    with trail_laid_open():
        AuditEntry.objects.filter(number__gt=last.number).delete()
        AuditHead.objects.update(number=last.number, mac=last.mac)


@pytest.mark.usefixtures("db")
def test_before_the_first_deed_there_is_nothing_to_verify() -> None:
    assert run() == (0, "The trail has not begun.\n", "")


def test_a_good_trail_is_said_to_be_and_anchored(deeds: list[AuditEntry]) -> None:
    code = bytes(deeds[-1].mac).hex()
    assert run() == (0, f"The trail is as it was written: 6 rows.\nIt stands at 6:{code}\n", "")
    known = anchor.read()
    assert known is not None
    assert (known.number, known.mac.hex()) == (6, code)


def test_each_finding_is_a_line_and_the_end_is_1(deeds: list[AuditEntry]) -> None:
    connection.check_constraints()
    with trail_laid_open():
        AuditEntry.objects.filter(number=2).update(reference="C-0009")
        AuditEntry.objects.filter(number=5).delete()
    lines = "No. 2 is not as it was written: changed, moved, or put in.\nNo. 5 is missing: removed.\n"
    assert run() == (1, "", lines)
    assert anchor.read() is None


def test_many_findings_are_counted(admin: User) -> None:
    for _ in range(60):
        trail.record("note.read", actor=admin, subject=admin)
    connection.check_constraints()
    with trail_laid_open():
        AuditEntry.objects.update(reference="C-0009")
    code, _, err = run()
    assert (code, len(err.splitlines()), err.splitlines()[-1]) == (1, 51, "And 10 more.")


def test_an_end_that_was_cut_off_is_found_by_the_anchor(deeds: list[AuditEntry]) -> None:
    anchor_trail()
    cut_off(deeds[3])
    code, out, err = run()
    assert (code, out) == (1, "")
    assert err.startswith("The trail ends at 4, and the anchor of ")
    assert "UTC stands at 6: its end was cut off. If an older backup was loaded, say so:" in err


def test_an_end_that_was_replaced_is_found_by_the_anchor(deeds: list[AuditEntry], admin: User) -> None:
    anchor_trail()
    cut_off(deeds[3])
    for _ in range(4):
        trail.record("note.read", actor=admin, subject=admin)
    code, _, err = run()
    assert (code, err.startswith("No. 6 is not the row of the anchor of ")) == (1, True)


def test_an_anchor_that_was_noted_down_is_compared(deeds: list[AuditEntry]) -> None:
    noted = f"5:{bytes(deeds[4].mac).hex()}"
    assert run("--anchor", noted)[0] == 0
    anchor.path().unlink()
    cut_off(deeds[2])
    assert run("--anchor", noted) == (
        1, "", "The trail ends at 3, and the anchor that you gave stands at 5: its end was cut off.\n",
    )  # fmt: skip


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("words", ["nonsense", "5", "5:ab", f"0:{'00' * 32}", f"x:{'00' * 32}"])
def test_what_is_no_anchor_is_said_to_be_none(words: str) -> None:
    with pytest.raises(CommandError, match="takes a number and a code"):
        call_command("audit_verify", "--anchor", words)


def test_a_restore_is_accepted_by_a_person_and_leaves_a_row(deeds: list[AuditEntry]) -> None:
    anchor_trail()
    cut_off(deeds[3])
    code, out, err = run("--accept-restore")
    assert (code, err) == (0, "")
    assert "A restore was accepted: the trail says so, and the anchor was laid anew." in out
    last = AuditEntry.objects.latest("number")
    assert (last.number, last.deed, last.actor, last.detail) == (5, "trail.verify", None, {"what": "restore accepted"})
    assert run()[0] == 0


def test_no_restore_is_accepted_where_rows_do_not_fit(deeds: list[AuditEntry]) -> None:
    anchor_trail()
    cut_off(deeds[3])
    with trail_laid_open():
        AuditEntry.objects.filter(number=2).update(reference="C-0009")
    assert run("--accept-restore")[0] == 1
    assert AuditEntry.objects.filter(deed="trail.verify").count() == 0


def test_where_nothing_was_restored_none_is_accepted(deeds: list[AuditEntry]) -> None:
    anchor_trail()
    assert run("--accept-restore")[0] == 0
    assert AuditEntry.objects.filter(deed="trail.verify").count() == 0


def test_the_anchor_never_moves_backwards_or_over_a_cut(deeds: list[AuditEntry], admin: User) -> None:
    anchor_trail()
    before = anchor.path().read_text()
    cut_off(deeds[3])
    anchor_trail()
    for _ in range(4):
        trail.record("note.read", actor=admin, subject=admin)
    anchor_trail()
    assert anchor.path().read_text() == before


def test_an_anchor_that_cannot_be_read_is_said_and_can_be_laid_anew(deeds: list[AuditEntry]) -> None:
    anchor.path().write_text("nonsense\n")
    anchor_trail()
    code, _, err = run()
    assert (code, "cannot be understood" in err) == (1, True)
    assert run("--accept-restore")[0] == 0
    assert run()[0] == 0
