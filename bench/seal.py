"""Sealing: a note of 2 KB through the vault, beside AES-256-GCM of the same bytes with nothing around it."""

import os
from uuid import UUID, uuid4

from bench.ground import Figure, hand_over, side_by_side, start

NOTES, ROUNDS = 3000, 5
NOTE = "She spoke of the garden. " * 82


def _bare(place_data: bytes) -> tuple[float, float]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    aes, text = AESGCM(os.urandom(32)), NOTE.encode()
    nonce = os.urandom(12)
    sealed = aes.encrypt(nonce, text, place_data)
    seal, opened = side_by_side(
        ROUNDS,
        lambda: [aes.encrypt(os.urandom(12), text, place_data) for _ in range(NOTES)],
        lambda: [aes.decrypt(nonce, sealed, place_data) for _ in range(NOTES)],
    )
    return seal, opened


def _ours(key_id: UUID, key: bytes) -> tuple[float, float, float]:
    from vault.sealing import Place, seal, unseal

    place = Place("notes.Note", "text", uuid4(), uuid4())
    blob = seal(NOTE, key_id=key_id, key=key, place=place)
    sealing, opening = side_by_side(
        ROUNDS,
        lambda: [seal(NOTE, key_id=key_id, key=key, place=place) for _ in range(NOTES)],
        lambda: [unseal(blob, key=key, place=place) for _ in range(NOTES)],
    )
    return sealing, opening, len(blob) / len(NOTE.encode())


def _field() -> tuple[float, float]:
    """Return the peer that one would take from the shelf: what the fields of django-cryptography do."""
    from django_cryptography.core.signing import FernetSigner
    from django_cryptography.utils.crypto import FernetBytes

    fernet, text = FernetBytes(os.urandom(32), FernetSigner(os.urandom(32))), NOTE.encode()
    sealed = fernet.encrypt(text)
    seal, opened = side_by_side(
        ROUNDS,
        lambda: [fernet.encrypt(text) for _ in range(NOTES)],
        lambda: [fernet.decrypt(sealed) for _ in range(NOTES)],
    )
    return seal, opened


def measure() -> list[Figure]:
    """Return µs per note for sealing and opening, and the stored size."""
    sealing, opening, size = _ours(uuid4(), os.urandom(32))
    bare_seal, bare_open = _bare(b"version, model, column, row id, owner id")
    field_seal, field_open = _field()
    bare, field = "bare AES-256-GCM with the key object at hand", "django-cryptography's Fernet"
    rows = (
        ("seal", sealing, bare_seal, bare), ("open", opening, bare_open, bare),
        ("seal", sealing, field_seal, field), ("open", opening, field_open, field),
    )  # fmt: skip
    figures = [
        Figure(
            "vault", f"{name} a note of 2 KB, beside {which}",
            f"{ours / NOTES * 1e6:.1f} µs", f"{peer / NOTES * 1e6:.1f} µs", f"{ours / peer:.2f}×",
        )
        for name, ours, peer, which in rows
    ]  # fmt: skip
    what = "stored size of a note of 2 KB, beside its plain bytes"
    plain = len(NOTE.encode())
    return [*figures, Figure("vault", what, f"{size * plain:.0f} B", f"{plain} B", f"{size:.2f}×")]


if __name__ == "__main__":
    start()
    hand_over(measure())
