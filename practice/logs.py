"""What a log line may hold: routes, ids, counts. No path (it may carry a token), no name, no text.

Our own lines (structlog, `beside.…`) are written so. Every other line, of Django, Celery, waitress or allauth, is
somebody else's sentence around a path, an address or an error's words: the sentence stays, without its values.
"""

import logging
import re
import sys
import threading
from types import TracebackType

# A value's place in a logger's sentence: %s, %r, %(name)s, %-10d, %.3f.
_VALUE = re.compile(r"%(\(\w*\))?[-#0 +]*[\d*]*(\.[\d*]+)?[a-zA-Z]")
# What Python makes of a warning: where, which kind, and words that may hold a value.
_WARNED = re.compile(r"(?:.*/)?([^/:]+):(\d+): (\w+):")


class DiscreetFilter(logging.Filter):
    """Leave of a line its sentence without values, the route, the kind of error and where in the code it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place, once; always let it through."""
        if not getattr(record, "is_discreet", False):
            record.msg, record.args = _reduced(record), ()
            record.exc_info = record.exc_text = record.stack_info = None
            record.is_discreet = True
        return True


def _reduced(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    parts = [_about(record), f"error={type(error).__name__}{_place(error.__traceback__)}" if error else ""]
    return " ".join(part for part in parts if part)


def _about(record: logging.LogRecord) -> str:
    """Return status and route for a request, else the sentence.

    A sentence without arguments may have been put together from anything: only its place in the code is told.
    """
    request = getattr(record, "request", None)
    if request is not None:
        match = getattr(request, "resolver_match", None)
        return f"status={getattr(record, 'status_code', '-')} route={match.route if match is not None else 'unknown'}"
    warned = _WARNED.match(record.getMessage()) if record.name == "py.warnings" else None
    if warned is not None:
        return f"{warned[3]} at={warned[1]}:{warned[2]}"
    said = " ".join(_VALUE.sub("…", str(record.msg)).split()) if record.args else ""
    return f"{said} by={record.filename}:{record.lineno}:{record.funcName}".strip()


def _place(trace: TracebackType | None) -> str:
    """Return file and line of the last frame: enough to find the fault, no values in it."""
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f" at={code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}:{code.co_name}"


def log_broken_thread(broken: threading.ExceptHookArgs) -> None:
    """Say that a thread has ended by an error. Python itself would print the error's words (threading.excepthook)."""
    if broken.exc_value is not None:
        error = (type(broken.exc_value), broken.exc_value, broken.exc_traceback)
        logging.getLogger("threads").error("A thread has ended by an error", exc_info=error)


def log_unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Say that an error had nowhere to go (a finaliser's, say). Python itself would print its words."""
    if lost.exc_value is not None:
        error = (lost.exc_type, lost.exc_value, lost.exc_traceback)
        logging.getLogger("threads").error("An error had nowhere to go", exc_info=error)
