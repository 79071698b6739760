"""Sealing: a note of 2 KB through the vault, beside AES-256-GCM of the same bytes with nothing around it."""

import os
from collections.abc import Callable
from uuid import uuid4

from bench.ground import Figure, hand_over, side_by_side, start

NOTES, ROUNDS = 3000, 5
NOTE = "She spoke of the garden. " * 82


def _bare() -> tuple[Callable[[], object], Callable[[], object]]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    aes, text, place_data = AESGCM(os.urandom(32)), NOTE.encode(), b"version, model, column, row id, owner id"
    nonce = os.urandom(12)
    sealed = aes.encrypt(nonce, text, place_data)
    return (
        lambda: [aes.encrypt(os.urandom(12), text, place_data) for _ in range(NOTES)],
        lambda: [aes.decrypt(nonce, sealed, place_data) for _ in range(NOTES)],
    )


def _ours() -> tuple[Callable[[], object], Callable[[], object], int]:
    """Return sealing, opening, and the stored size in bytes."""
    from vault.sealing import Place, seal, unseal

    key_id, key, place = uuid4(), os.urandom(32), Place("notes.Note", "text", uuid4(), uuid4())
    blob = seal(NOTE, key_id=key_id, key=key, place=place)
    return (
        lambda: [seal(NOTE, key_id=key_id, key=key, place=place) for _ in range(NOTES)],
        lambda: [unseal(blob, key=key, place=place) for _ in range(NOTES)],
        len(blob),
    )


def _field() -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the peer that one would take from the shelf: what the fields of django-cryptography do."""
    from django_cryptography.core.signing import FernetSigner
    from django_cryptography.utils.crypto import FernetBytes

    fernet, text = FernetBytes(os.urandom(32), FernetSigner(os.urandom(32))), NOTE.encode()
    sealed = fernet.encrypt(text)
    return (
        lambda: [fernet.encrypt(text) for _ in range(NOTES)],
        lambda: [fernet.decrypt(sealed) for _ in range(NOTES)],
    )


def measure() -> list[Figure]:
    """Return µs per note for sealing and opening, all in turns, and the stored size."""
    *works, size = _ours()
    sealing, opening, *peers = side_by_side(ROUNDS, *works, *_bare(), *_field())
    names = ["bare AES-256-GCM with the key object at hand"] * 2 + ["django-cryptography's Fernet"] * 2
    figures = [
        Figure(
            "vault", f"{deed} a note of 2 KB, beside {name}",
            f"{ours / NOTES * 1e6:.1f} µs", f"{peer / NOTES * 1e6:.1f} µs", f"{ours / peer:.2f}×",
        )
        for deed, ours, name, peer in zip(
            ["seal", "open"] * 2, [sealing, opening] * 2, names, peers, strict=True
        )
    ]  # fmt: skip
    plain = len(NOTE.encode())
    what = "stored size of a note of 2 KB, beside its plain bytes"
    return [*figures, Figure("vault", what, f"{size} B", f"{plain} B", f"{size / plain:.2f}×")]


if __name__ == "__main__":
    start()
    hand_over(measure())
