"""What a log line may hold: routes, ids, counts. No path (it may carry a token), no name, no text."""

import logging


class DiscreetFilter(logging.Filter):
    """Replace Django's own lines, which print paths and errors' words, by route and kind of error."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always let it through."""
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            route = match.route if match is not None else "unknown"
            record.msg, record.args = f"status={getattr(record, 'status_code', '-')} route={route}", ()
        if record.exc_info:
            kind = record.exc_info[0]
            where = _last_own_frame(record)
            record.msg = f"{record.getMessage()} error={kind.__name__ if kind else '-'}{where}"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True


def _last_own_frame(record: logging.LogRecord) -> str:
    """Return file and line of the last frame: enough to find the fault, no values in it."""
    trace = record.exc_info[2] if record.exc_info else None
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f" at={code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}:{code.co_name}"
