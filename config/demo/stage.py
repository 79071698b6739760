"""What all parts of the demo share: the practice, its members, the moment, the canary."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from clients.models import Client
from config.demo.cast import MEMBERS, PASSWORD, PEOPLE, Person
from practice.clock import start_of, today
from practice.models import AuditEntry, Practice, User
from practice.services import create_practice
from vault.services import create_data_key


@dataclass
class Stage:
    """`canary` is a word that every confidential text carries, for the leak test; empty otherwise."""

    canary: str
    owner: User
    members: dict[str, User]
    now: datetime = field(default_factory=timezone.now)
    # The same demo on every machine on the same day.
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - no secret
    clients: list[tuple[Person, Client]] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)

    def say(self, text: str) -> str:
        """Return a confidential text, with the canary in it."""
        return f"{text} {self.canary}".rstrip() if text else text

    def trace(self, deed: str, row: Client, at: datetime, actor: User | None, subject: object = None) -> None:
        """Note a deed of the past for the audit trail."""
        about = subject or row
        label = about._meta.label_lower  # type: ignore[attr-defined]
        self.audit.append(
            AuditEntry(
                at=at, actor=actor, deed=deed, subject_type=label, subject_id=about.pk,  # type: ignore[attr-defined]
                reference=row.reference,
            )
        )  # fmt: skip


def set_up(canary: str) -> Stage:
    """Make the practice and its members. The first admin owns it."""
    owner_of = next(member for member in MEMBERS if member.email.startswith("admin"))
    practice, owner = create_practice(
        name="Willow Lane Practice", owner_name=owner_of.name, owner_email=owner_of.email, password=PASSWORD,
        role=owner_of.role,
    )  # fmt: skip
    practice.contact_line = "call or text 01632 960 100, weekdays 9 to 5"
    # So that a newcomer who tries it at midnight sees the mail arrive.
    practice.mail_from_time = practice.mail_from_time.replace(hour=0, minute=0)
    practice.mail_until_time = practice.mail_until_time.replace(hour=23, minute=59)
    practice.save(update_fields=["contact_line", "mail_from_time", "mail_until_time"])
    members = {owner.email: owner}
    for member in MEMBERS:
        if member.email not in members:
            user = User.objects.create_user(member.email, PASSWORD, name=member.name, role=member.role)
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            members[member.email] = user
    return Stage(canary, owner, members)


def admit_everybody(stage: Stage) -> None:
    """Make the clients, each with a data key, admitted some months ago."""
    canary = stage.canary
    for number, person in enumerate(PEOPLE, start=1):
        admitted_at = start_of(today()).replace(microsecond=0) - timedelta(weeks=17, minutes=-number)
        client = Client(
            reference=f"C-{number:04d}",
            counsellor=stage.members[person.counsellor],
            # Joined to the last word: a name's own words are replaced in a pack, the canary alone must not be.
            name=person.name + canary,
            preferred_name=person.preferred + canary,
            pronouns=stage.say(person.pronouns),
            email=_address(person, stage.canary),
            phone=stage.say(person.phone),
            date_of_birth=person.born,
            emergency_contact=f"Robin {person.name.split()[-1]}, 01632 960199, sibling{canary}",
            gp=f"Dr Bellwether, 01632 960190, at the old mill{canary}",
            presenting=stage.say(person.presenting),
            may_email=person.may_email,
            is_discreet=person.is_discreet,
            preferred_hour=person.preferred_hour,
            admitted_at=admitted_at,
        )
        if person.has_ended:
            client.state, client.ended_at = Client.State.ENDED, stage.now - timedelta(weeks=4)
        create_data_key(client.id)
        client.save(force_insert=True)
        stage.trace("client.admit", client, admitted_at, client.counsellor)
        stage.clients.append((person, client))
    Practice.objects.update(next_client_number=len(PEOPLE) + 1)


def _address(person: Person, canary: str) -> str:
    local = person.name.lower().replace(" ", ".")
    return f"{local}.{canary.lower()}@example.org" if canary else f"{local}@example.org"
