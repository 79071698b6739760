"""What a browser uploads, sealed while it streams in: no plain byte of a file touches the disk (settings name it).

Django's own handlers keep small files in memory and write larger ones to /tmp as they are. This one takes a single
file, for a view that asks for one (`@takes_file`), up to ATTACHMENT_MAX_MB; of a longer one it only counts the bytes,
and what comes for any other page it drops.
"""

from collections.abc import Callable
from typing import IO, Any, ParamSpec, TypeVar, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from vault.spool import SealedSpool

FIELD = "file"

_P = ParamSpec("_P")
_R = TypeVar("_R")


def takes_file(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """Mark a view whose form has a file in it, in the field `file`."""
    view.takes_file = True  # type: ignore[attr-defined]  # a mark on the view, as login_not_required sets one
    return view


def most_bytes() -> int:
    """Return the size of the largest file that is taken, in bytes."""
    return int(settings.ATTACHMENT_MAX_MB) * 1024 * 1024


class SealedUploadHandler(FileUploadHandler):
    """Keeps one file in a sealed spool. Django closes it with the request.

    It never raises SkipFile: Django would then close the file that was taken before.
    """

    spool: SealedSpool | None = None
    is_taking = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; drop it where nobody asked for one, and a second one."""
        super().new_file(*args, **kwargs)
        self.is_taking = self.field_name == FIELD and self.spool is None and self._is_wanted()
        if self.is_taking:
            self.spool = SealedSpool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Seal a chunk; past the limit let go of everything and only count."""
        if not self.is_taking or self.spool is None or self.spool.closed:
            return
        if start + len(raw_data) > most_bytes():
            self.spool.close()
        else:
            self.spool.append(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        """Return the file with its true size; closed where that is over the limit."""
        if not self.is_taking or self.spool is None:
            return None
        return UploadedFile(cast(IO[bytes], self.spool), self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        if self.spool is not None:
            self.spool.close()

    def _is_wanted(self) -> bool:
        match = getattr(self.request, "resolver_match", None)
        return bool(getattr(getattr(match, "func", None), "takes_file", False))
