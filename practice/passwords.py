"""Words that make a password easy to guess here (ASVS 5.0 6.1.2): a password may hold them, but not live by them."""

import re

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

from practice.models import Practice

WORDS = (
    "beside", "counsellor", "counselling", "counselor", "therapist", "therapy", "supervision", "supervisor", "practice",
    "client", "session", "notes", "compassion", "kindness", "admin", "password", "welcome",
)  # fmt: skip
# What has to be left when the words are taken out.
LEFT = 8


class HouseWordsValidator:
    """Refuse a password of which little is left without the words of this house and of the practice's name."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        rest = password.casefold()
        for word in sorted((*WORDS, *_practice_words()), key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(set(re.sub(r"\W|\d|_", "", rest))) < LEFT // 2 or len(rest) < LEFT:
            raise ValidationError("Without words that many would try first, little is left of this password.")

    def get_help_text(self) -> str:
        return "It should be more than words such as “counselling” or the name of the practice."


def _practice_words() -> list[str]:
    practice = Practice.objects.only("name").first()
    words = re.findall(r"\w{4,}", practice.name.casefold()) if practice else []
    return [str(word) for word in words]
