"""Deeds on what a client was given: the counsellor's, and the client's by their links."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

from clients import links
from clients.models import ClientLink
from exercises import answers, drafts, place, previews, reviewing
from exercises import services as exercises
from exercises.answers import Key
from exercises.models import Assignment, Mode
from practice import clock
from tests.deeds.registry import Deed, deed
from tests.exercises.beginning import start
from tests.exercises.factories import assign, make_assignment, make_token, make_version
from tests.factories import make_client


@deed("exercises.services.assign_exercise")
def _assign_exercise() -> Deed:
    return partial(assign, make_client(), version=make_version())


@deed("exercises.services.send_again")
def _send_again() -> Deed:
    assignment = make_assignment()
    return partial(exercises.send_again, actor=assignment.assigned_by, assignment=assignment)


@deed("exercises.services.withdraw_assignment")
def _withdraw() -> Deed:
    assignment = make_assignment()
    return partial(exercises.withdraw_assignment, actor=assignment.assigned_by, assignment=assignment)


@deed("exercises.answers.submit_answer")
def _submit_answer() -> Deed:
    return partial(answers.submit_answer, assignment=make_assignment(), sharing="shared", values={"line": "You again"})


@deed("exercises.answers.decline_for_now")
def _decline() -> Deed:
    return partial(answers.decline_for_now, assignment=make_assignment())


@deed("exercises.services.review_answer")
def _review() -> Deed:
    assignment = make_assignment(state="done", answer={"line": "You again"})
    return partial(exercises.review_answer, actor=assignment.assigned_by, assignment=assignment, learned="It is tired.")


@deed("exercises.answers.open_answer")
def _open_answer() -> Deed:
    assignment = make_assignment(state="done", answer={"line": "You again"})
    return partial(answers.open_answer, actor=assignment.assigned_by, assignment=assignment)


@deed("exercises.reviewing.review_all")
def _review_all() -> Deed:
    row = make_assignment(state="done", answer={"line": "You again"})
    return partial(reviewing.review_all, actor=row.assigned_by, client=row.client, shown=[row.pk], learned="It rests.")


@deed("exercises.previews.send_test")
def _send_test() -> Deed:
    client = make_client()
    words = {"personal_line": "For the walk home.", "why": "You spoke of it.", "plan_when": "after supper"}
    sample = previews.Sample(client, make_version(), client.counsellor, 5, clock.today(), words)
    return partial(previews.send_test, actor=client.counsellor, sample=sample, nonce=uuid4())


# --- the client's -----------------------------------------------------------------------------------------
@deed("exercises.answers.open_page")
def _open_page() -> Deed:
    return partial(answers.open_page, assignment=make_assignment())


@deed("exercises.answers.say_too_much")
def _say_too_much() -> Deed:
    start(None, Mode.TOGETHER, Mode.WHEN_DONE)
    return partial(answers.say_too_much, assignment=Assignment.unscoped.get())


@deed("exercises.drafts.save_draft")
def _save_draft() -> Deed:
    row = make_assignment()
    token = make_token(row)
    key = Key(links.resolve(token, "exercise").pk, token)
    return partial(drafts.save_draft, assignment=row, typed={"line": "You ag"}, key=key)


@deed("exercises.drafts.extend_link")
def _extend_link() -> Deed:
    make_token(make_assignment(), days=-1)
    return partial(drafts.extend_link, link=ClientLink.unscoped.get())


@deed("exercises.place.pause")
def _pause() -> Deed:
    return partial(place.pause, client=make_assignment().client, until=clock.today() + timedelta(days=9))


@deed("exercises.place.resume")
def _resume() -> Deed:
    client = make_client(paused_until=clock.today() + timedelta(days=9))
    return partial(place.resume, client=make_assignment(client).client)


@deed("exercises.place.choose_hour")
def _choose_hour() -> Deed:
    return partial(place.choose_hour, client=make_assignment().client, hour=18)


@deed("exercises.place.send_link")
def _send_link() -> Deed:
    return partial(place.send_link, assignment=make_assignment())
