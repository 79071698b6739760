"""A second factor for tests: the codes that an app would show, and a passkey in software."""

import os
import re
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from practice.mfa import MFAAdapter
from practice.models import User

ORIGIN = "http://localhost:8000"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FLAGS = AuthenticatorData.FLAG


def code_of(secret: str = SECRET, *, later: int = 0) -> str:
    """Return what the app shows now, or `later` half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later)))


def give_app(user: User) -> Authenticator:
    """Set up an app with SECRET, sealed as the pages seal it."""
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": MFAAdapter().encrypt(SECRET)}
    )


def give_codes(user: User) -> list[str]:
    """Make recovery codes and return them."""
    seed = MFAAdapter().encrypt("ab" * 40)
    row = Authenticator.objects.create(
        user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": seed, "used_mask": 0}
    )
    return list(row.wrap().generate_codes())


def secret_on(page: Any) -> str:
    """Return the key that a set-up page shows as text."""
    found = re.search(r'class="secret"><code>([A-Z2-7 ]+)</code>', unescape(page.content.decode()))
    assert found is not None
    return found[1].replace(" ", "")


@dataclass
class SoftKey:
    """A passkey: one key pair, which answers as a browser would."""

    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: str = ""
    flags: FLAGS = FLAGS.UP | FLAGS.UV

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer to the options of `navigator.credentials.create`."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]  # fido2 has no type here
        attested = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        said = CollectedClientData.create(CollectedClientData.TYPE.CREATE, asked["challenge"], ORIGIN)
        data = AuthenticatorData.create(sha256(asked["rp"]["id"].encode()), self.flags | FLAGS.AT, 0, bytes(attested))
        return self._answer({
            "clientDataJSON": websafe_encode(said),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        })  # fmt: skip

    def get(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """Answer to the options of `navigator.credentials.get`."""
        asked = options["publicKey"]
        said = CollectedClientData.create(CollectedClientData.TYPE.GET, asked["challenge"], origin)
        data = AuthenticatorData.create(sha256(asked["rpId"].encode()), self.flags, 0)
        return self._answer({
            "clientDataJSON": websafe_encode(said),
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(self.key.sign(bytes(data) + said.hash, ec.ECDSA(SHA256()))),
            "userHandle": self.user_handle,
        })  # fmt: skip

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        return {"type": "public-key", "id": name, "rawId": name, "clientExtensionResults": {}, "response": response}


def asked_of(browser: Client) -> dict[str, Any]:
    """Return what the sign-in page's button would ask the browser."""
    page = browser.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    options: dict[str, Any] = page.json()["request_options"]
    return options
