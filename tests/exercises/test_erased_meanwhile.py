"""A client answers at the moment at which they are erased: told kindly, and nothing is kept."""

import pytest

from clients import erasure
from exercises.answers import NotWithClient, decline_for_now, submit_answer
from exercises.models import Answer
from tests.clients.test_erasure import ask
from tests.exercises.factories import make_assignment

pytestmark = pytest.mark.django_db


def test_nothing_is_kept_and_the_page_can_say_so() -> None:
    assignment = make_assignment()
    client = assignment.client
    ask(client)
    erasure.erase_client(actor=client.counsellor, client=client, is_rule_considered=True)
    with pytest.raises(NotWithClient):
        submit_answer(assignment=assignment, sharing="done_only", values={})
    with pytest.raises(NotWithClient):
        decline_for_now(assignment=assignment)
    assert Answer.unscoped.count() == 0
