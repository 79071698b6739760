"""The Content-Security-Policy: our own files only, scripts by nonce, nothing inline (practice.middleware: the rest)."""

from csp.constants import NONCE, NONE, SELF

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        # Nothing of ours writes markup from a text, and no script that does would run.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}
