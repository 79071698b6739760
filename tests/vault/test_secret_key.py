"""SECRET_KEY may change at any time: everybody signs in anew, and nothing that was sealed is touched."""

import subprocess
import sys
from uuid import uuid4

import pytest
from django.test import Client as Browser
from pytest_django.fixtures import Settings

from clients.models import Client
from outbox.models import Message
from practice.models import KeptWords, Practice
from tests.factories import make_client
from tests.faults.processes import environment
from tests.vault.rows import make_message
from vault.files import check_file, keep
from vault.inventory import Tally, check_files, check_keys, check_values
from vault.macs import mac
from vault.models import SealedFile
from vault.sealing import Place
from vault.services import cache
from vault.startup import ensure_canary
from vault.texts import open_text, seal_text


@pytest.mark.django_db
def test_all_that_was_sealed_opens_and_people_are_signed_out(settings: Settings, client: Browser) -> None:
    subject = make_client(name="Marigold Testwell")
    member = subject.counsellor
    client.force_login(member)
    message = make_message(sent_copy="a mail")
    place = Place("practice.KeptWords", "words", uuid4(), subject.id)
    words = KeptWords.objects.create(user=member, owner_id=subject.id, page="/", words={"text": "half a thought"})
    file = keep([b"a scan"], place=place)
    practice_id = Practice.current().id
    factor = Place("mfa.Authenticator", "secret", member.id, practice_id)
    secret = seal_text("a seed", place=factor)
    code = mac(practice_id, "trail", b"a deed")
    assert client.get("/accounts/password/change/").status_code == 200

    settings.SECRET_KEY = "another one altogether, as long as it ought to be for Django's own checks"
    cache.forget()

    assert Client.visible_to(member).get().name == "Marigold Testwell"
    assert Message.objects.get(pk=message.pk).sent_copy == "a mail"
    assert KeptWords.objects.get(pk=words.pk).words == {"text": "half a thought"}
    assert check_file(SealedFile.objects.get(pk=file.pk), place=place) == 6
    assert open_text(secret, place=factor) == "a seed"
    assert mac(practice_id, "trail", b"a deed") == code
    assert [*check_keys(Tally()), *check_values(Tally()), *check_files(Tally())] == []
    answer = client.get("/accounts/password/change/")
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/accounts/login/")
    client.force_login(member)
    assert client.get("/accounts/password/change/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_process_with_another_secret_key_opens_everything() -> None:
    ensure_canary()
    make_client(name="Marigold Testwell")
    env = environment("smtp://127.0.0.1:1", SECRET_KEY="another one", DJANGO_SETTINGS_MODULE="config.settings")

    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "vault_check"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
