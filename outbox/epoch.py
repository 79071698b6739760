"""The restore guard: one random epoch in the database and in a file beside it.

Where they differ, the database was restored from a backup (or moved): what it calls due may have been sent already.
"""

import os
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from outbox.models import Sending

SETTLE_SECONDS = 0.5


def _path() -> Path:
    return Path(settings.VAR_DIR) / "outbox.epoch"


def _read() -> UUID | None:
    try:
        return UUID(_path().read_text().strip())
    except (OSError, ValueError):
        return None


def _write(epoch: UUID) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{epoch}\n")
    os.replace(partial, path)


def sending() -> Sending:
    """Return the one row, made on first use with the file's epoch, or with a new one written to the file."""
    epoch = _read()
    row, is_new = Sending.objects.get_or_create(pk=1, defaults={"epoch": epoch or uuid4()})
    if is_new and epoch is None:
        _write(row.epoch)
    return row


def is_restored(row: Sending) -> bool:
    """Say whether the database is another than the one that last wrote the file."""
    if _read() == row.epoch:
        return False
    # Another process may stand between writing the row and writing the file (first start, resume): look once more.
    time.sleep(SETTLE_SECONDS)
    return _read() != sending().epoch


def renew() -> None:
    """Agree on a new epoch, once a person has looked."""
    epoch = uuid4()
    sending()
    Sending.objects.filter(pk=1).update(epoch=epoch)
    _write(epoch)
