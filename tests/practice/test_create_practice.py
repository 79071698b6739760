from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from practice.models import Practice, User
from practice.roles import Role
from practice.services import PracticeExists, create_practice
from tests.practice.rows import last_deed
from vault.services import data_key

PASSWORD = "three quiet birches"
OWNER = {"owner_name": "Alder Testman", "owner_email": "Alder@Beside.test", "password": PASSWORD}


@pytest.mark.django_db
def test_the_practice_opens_with_key_owner_and_trail() -> None:
    practice, owner = create_practice(name="Willow", **OWNER)
    assert Practice.current() == practice
    assert len(data_key(practice.id)[1]) == 32
    assert (owner.email, owner.role) == ("alder@beside.test", Role.ADMIN)
    assert owner.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=owner).verified
    assert (last_deed().deed, last_deed().actor, last_deed().subject_id) == ("practice.create", owner, practice.id)


@pytest.mark.django_db
def test_there_is_only_ever_one() -> None:
    create_practice(name="Willow", **OWNER)
    with pytest.raises(PracticeExists):
        create_practice(name="Other", **OWNER)
    assert Practice.objects.count() == User.objects.count() == 1


@pytest.mark.django_db
def test_without_its_audit_row_no_practice_is_opened(broken_trail: type[Exception]) -> None:
    with pytest.raises(broken_trail):
        create_practice(name="Willow", **OWNER)
    assert Practice.objects.count() == User.objects.count() == 0


def run(path: Path, **options: object) -> str:
    out = StringIO()
    given = {"name": "Willow", "owner_name": "Alder", "email": "alder@beside.test", "password_file": str(path)}
    call_command("create_practice", stdout=out, **{**given, **options})
    return out.getvalue()


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return path


@pytest.mark.django_db
def test_the_command_opens_it(password_file: Path) -> None:
    assert run(password_file) == "The practice is open. alder@beside.test can sign in.\n"
    assert User.objects.get().check_password(PASSWORD)
    assert User.objects.get().role == Role.ADMIN


@pytest.mark.django_db
def test_the_command_opens_a_practice_of_one_in_another_nation(password_file: Path) -> None:
    run(password_file, solo=True, nation="scotland")
    assert User.objects.get().role == Role.SOLO
    assert Practice.current().nation == "scotland"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"name": None}, "--name is missing, and there is no terminal to ask on."),
        ({"name": " "}, "--name must have between 1 and 120 characters."),
        ({"owner_name": "x" * 121}, "--owner-name must have between 1 and 120 characters."),
        ({"email": "alder"}, "Enter a valid email address."),
        ({"password_file": None}, "--password-file is missing, and there is no terminal to ask on."),
    ],
)
def test_the_command_refuses_in_one_line(password_file: Path, options: dict[str, str | None], line: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run(password_file, **options)
    assert str(refusal.value) == line
    assert Practice.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["short", "", "\n"])
def test_the_command_refuses_a_weak_password(tmp_path: Path, text: str) -> None:
    (tmp_path / "weak").write_text(text)
    with pytest.raises(CommandError, match="too short"):
        run(tmp_path / "weak")
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_the_command_refuses_a_second_practice(password_file: Path) -> None:
    run(password_file)
    with pytest.raises(CommandError, match="^There is a practice in this database already.$"):
        run(password_file)


@pytest.mark.django_db
def test_a_missing_password_file_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nowhere")
