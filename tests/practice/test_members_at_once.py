"""Two who run the practice change each other at the same moment: somebody is left to run it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from practice import members
from practice.models import AuditEntry, User
from practice.roles import Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("how", ["role", "leave"])
@pytest.mark.parametrize("others", [0, 1])
def test_two_who_change_each_other_leave_one(how: str, others: int) -> None:
    pair = [make_user(Role.ADMIN), make_user(Role.ADMIN)]
    for _ in range(others):
        make_user(Role.ADMIN)
    start = Barrier(2)

    def attempt(number: int) -> str:
        actor, member = pair[number], pair[1 - number]
        start.wait()
        try:
            if how == "role":
                members.change_role(actor=actor, member=member, role=Role.COUNSELLOR)
            else:
                members.let_go(actor=actor, member=member)
        except (members.LastToRun, PermissionDenied):
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert Counter(pool.map(attempt, range(2))) == {"done": 1, "refused": 1}
    assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1 + others
    assert AuditEntry.objects.count() == 1
