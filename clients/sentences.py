"""What pages say about deeds on clients."""

from clients.services import Change


def after_changing(change: Change) -> str:
    """Say that details are saved, and what that meant for mails that had left."""
    sentences = ["Changes saved."]
    if change.links_closed:
        sentences.append(
            "The links in mails to the earlier address no longer open. An exercise that is still with the client can be"
            " sent again from its page."
        )
    if change.on_their_way:
        sentences.append(
            "One mail was already on its way." if change.on_their_way == 1 else "Some mails were already on their way."
        )
    return " ".join(sentences)
