"""A client on the page of one exercise: by which link, what they wrote so far, what this request carries."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from clients.models import ClientLink
from exercises import drafts
from exercises.answer_form import AnswerForm, Typed, typed_of
from exercises.answers import Key
from exercises.drafts import DraftSealed
from exercises.mail import last_moment
from exercises.models import Assignment, Draft, ExerciseVersion, Sharing
from exercises.selectors import Told, behind, told
from vault.errors import VaultError

Show = Draft.Show


@dataclass
class Visit:
    """One request of a client who has the link. `token` is what words that they keep to themselves are sealed by."""

    request: HttpRequest
    link: ClientLink
    assignment: Assignment
    token: str

    @property
    def key(self) -> Key:
        return Key(self.link.pk, self.token)

    @property
    def version(self) -> ExerciseVersion:
        return self.assignment.version

    @property
    def draft(self) -> Draft | None:
        found: Draft | None = getattr(self.assignment, "draft", None)
        return found

    @property
    def counsellor_name(self) -> str:
        client = self.assignment.client
        return "" if client.is_discreet else client.counsellor.first_name

    @property
    def is_closed(self) -> bool:
        """Say whether the link's time is up; what it shows then says nothing of the exercise."""
        return self.link.expires_at <= timezone.now()

    # --- what they wrote before ----------------------------------------------------------------------
    @cached_property
    def _before(self) -> tuple[Typed, str]:
        if self.draft is None:
            return {}, ""
        try:
            return drafts.words_of(self.draft, self.key), ""
        except DraftSealed:
            return {}, "sealed"
        except VaultError:
            return {}, "damaged"

    @property
    def words(self) -> Typed:
        """Return what a draft holds; {} where there is none, or it does not open by this link."""
        return self._before[0]

    @property
    def shut_out(self) -> str:
        """Return why the draft does not open here: "sealed" by another link, "damaged", or "" where it does."""
        return self._before[1]

    @property
    def draft_version(self) -> int:
        return self.draft.version if self.draft is not None else 0

    @property
    def told(self) -> list[Told]:
        """Return the words of the draft as they are read again."""
        form = self.form(self.words, "", is_draft=True)
        form.is_valid()
        return told(self.version, form.values)

    def look_again(self) -> None:
        """Read anew how it stands: another request may have come first."""
        self.assignment = behind(self.link) or self.assignment
        self.__dict__.pop("_before", None)

    # --- what this request brings --------------------------------------------------------------------
    @property
    def deed(self) -> str:
        """Return what is asked for; after the button of a page in between, what that page held up."""
        said = self.request.POST.get("deed", "send")
        return self.request.POST.get("then", "") if said in ("open", "extend") else said

    @cached_property
    def typed(self) -> Typed:
        return typed_of(self.request.POST, self.version)

    @property
    def sharing(self) -> str:
        """Return who is to see it, as posted; "" for none of ours."""
        said = self.request.POST.get("sharing", "")
        return said if said in Sharing.values else ""

    @property
    def began_from(self) -> int:
        """Return the version of the draft that the page showed; 0 for none."""
        said = self.request.POST.get("version", "")
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0

    @property
    def is_script(self) -> bool:
        """Say whether the page's script asks, and not the browser for a page."""
        return self.request.headers.get("Accept") == "application/json"

    # --- how it is shown -----------------------------------------------------------------------------
    @property
    def show(self) -> str:
        """Return whether everything is on one page; what was sealed elsewhere cannot be saved from screen to screen."""
        if self.shut_out:
            return Show.ALL.value
        said = self.request.POST.get("show") or self.request.GET.get("show", "")
        return said if said in Show.values else (self.draft.show if self.draft else "") or Show.ALL.value

    def step(self, last: int) -> int:
        """Return which screen is asked for, from 1 to `last`."""
        said = self.request.POST.get("step") or self.request.GET.get("step", "")
        return min(max(int(said), 1), last) if said.isascii() and said.isdecimal() and len(said) < 5 else 1

    def form(self, words: Typed, sharing: str, *, is_draft: bool = False) -> AnswerForm:
        """Return the form with words to be looked at."""
        data = {**words, "sharing": sharing}
        return AnswerForm(data, is_draft=is_draft, **self._about)

    def blank(self) -> AnswerForm:
        """Return the form as the page begins: with what was written before."""
        initial: dict[str, Any] = dict(self.words)
        if self.draft is not None and self.draft.sharing:
            initial["sharing"] = self.draft.sharing
        return AnswerForm(initial=initial, **self._about)

    @property
    def _about(self) -> dict[str, Any]:
        until = last_moment(self.link.expires_at)
        return {"version": self.version, "counsellor_name": self.counsellor_name, "until": until}
