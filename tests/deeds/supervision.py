"""Deeds of supervision and of handing over."""

from functools import partial

from practice.roles import Role
from supervision import handing_over
from supervision import services as supervision
from tests.deeds.registry import Deed, deed
from tests.factories import make_client, make_session, make_user
from tests.supervision.factories import item_of, make_flagged_note, make_pack


@deed("supervision.services.prepare_pack")
def _prepare_pack() -> Deed:
    return partial(make_pack, make_flagged_note())


@deed("supervision.services.open_pack")
def _open_pack() -> Deed:
    pack = make_pack()
    return partial(supervision.open_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.services.change_item")
def _change_item() -> Deed:
    pack = make_pack()
    return partial(supervision.change_item, actor=pack.prepared_by, item=item_of(pack), text="Words.", question="Why?")


@deed("supervision.services.remove_item")
def _remove_item() -> Deed:
    pack = make_pack()
    return partial(supervision.remove_item, actor=pack.prepared_by, item=item_of(pack))


@deed("supervision.services.discard_pack")
def _discard_pack() -> Deed:
    pack = make_pack()
    return partial(supervision.discard_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.services.release_pack")
def _release_pack() -> Deed:
    pack = make_pack()
    return partial(supervision.release_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.services.export_pack")
def _export_pack() -> Deed:
    pack = make_pack(is_released=True)
    return partial(supervision.export_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.handing_over.hand_over")
def _hand_over() -> Deed:
    client = make_client()
    make_session(client)
    return partial(handing_over.hand_over, actor=client.counsellor, client=client, to=make_user(), is_told=True)


@deed("supervision.handing_over.hand_over_all")
def _hand_over_all() -> Deed:
    client = make_client()
    return partial(
        handing_over.hand_over_all,
        actor=make_user(Role.ADMIN), clients=[client], to=make_user(), is_told=True, cancels_clashing=False,
    )  # fmt: skip
