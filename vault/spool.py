"""A spool: bytes on their way in, sealed before they touch the disk.

Uploads wait here until a form has been checked. The key is random, lives in this process's memory and is used for one
spool; the file has no name and is gone when the spool is closed or the process ends. Block = AES-256-GCM of 64 KiB, the
block's number is the nonce.
"""

import io
import struct
import tempfile
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 64 * 1024
_SEALED = BLOCK + 16


class SealedSpool(io.RawIOBase):
    """A file to append to, then to read anywhere in. At most two blocks of it are in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile(dir=settings.VAR_DIR)  # noqa: SIM115 - close() closes it
        self._aead = AESGCM(AESGCM.generate_key(256))
        self._unsealed = bytearray()  # the end of the file, not yet a whole block
        self._blocks = 0
        self._at = 0
        self._opened: tuple[int, bytes] = (-1, b"")

    @property
    def size(self) -> int:
        """Return how many bytes were written."""
        return self._blocks * BLOCK + len(self._unsealed)

    def append(self, chunk: bytes) -> None:
        """Write at the end, wherever one reads."""
        self._unsealed += chunk
        while len(self._unsealed) >= BLOCK:
            self._file.seek(self._blocks * _SEALED)
            self._file.write(self._aead.encrypt(_nonce(self._blocks), bytes(self._unsealed[:BLOCK]), None))
            del self._unsealed[:BLOCK]
            self._blocks += 1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer, but at the end of the file."""
        if self.closed:
            raise ValueError("The spool is closed.")
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and self._at < self.size:
            number, offset = divmod(self._at, BLOCK)
            piece = self._block(number)[offset : offset + len(view) - filled]
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._at += len(piece)
        return filled

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._unsealed.clear()
            self._opened = (-1, b"")
        super().close()

    def _block(self, number: int) -> bytes:
        if number == self._blocks:
            return bytes(self._unsealed)
        if self._opened[0] != number:
            self._file.seek(number * _SEALED)
            self._opened = number, self._aead.decrypt(_nonce(number), self._file.read(_SEALED), None)
        return self._opened[1]


def _nonce(number: int) -> bytes:
    return struct.pack(">4xQ", number)
