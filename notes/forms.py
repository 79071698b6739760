"""What a counsellor types about a session, and the files they add."""

from math import ceil
from typing import Any, Self
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from notes.kinds import ENDINGS, Kind, NotTaken, fitting_name, kind_of
from notes.uploads import most_bytes

TEXT_MOST = 50_000
QUESTION_MOST = 2_000
VERSION_MOST = 2_000_000_000
DESCRIPTION_MOST = 500
MEGABYTE = 1024 * 1024


class WordsField(forms.CharField):
    """A text of several lines, of `max_length` characters at most; browsers send CR LF between them.

    The page has no such limit: a browser would cut a longer text that is pasted, without a word.
    """

    widget = forms.Textarea

    def __init__(self, *, max_length: int, what: str = "This text", **kwargs: Any) -> None:
        self.most, self.what = max_length, what
        super().__init__(**kwargs)

    def to_python(self, value: str | None) -> str | None:
        return super().to_python((value or "").replace("\r\n", "\n"))

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.most:
            has = f"{self.what} has {len(value):,} characters; at most {self.most:,} fit."
            raise forms.ValidationError(f"{has} Nothing is lost: it stands below.")


class SignForm(forms.Form):
    """The version of a note that was read."""

    version = forms.IntegerField(min_value=0, max_value=VERSION_MOST, widget=forms.HiddenInput)


class NoteForm(SignForm):
    """A session's note; `version` is the one that the writer began from (0: there was none)."""

    text = WordsField(
        label="What happened, and what to keep in mind",
        max_length=TEXT_MOST,
        what="This note",
        help_text="Markdown works: **bold**, *italic*, lines that begin with - for a list.",
        widget=forms.Textarea(attrs={"class": "tall page"}),
        error_messages={"required": "A note needs some words before it can be saved."},
    )


class FlagForm(forms.Form):
    """Whether a note goes to supervision, and with what question."""

    question = WordsField(
        label="Your question",
        required=False,
        max_length=QUESTION_MOST,
        help_text="What would you like to think about with your supervisor?",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_for_supervision = forms.BooleanField(required=False, widget=forms.HiddenInput)


class FileForm(forms.Form):
    """A file for a client's record. Its kind is told by its content; its name has to agree."""

    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    file = forms.FileField(
        label="File",
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
        error_messages={
            "required": "Please choose a file.",
            "missing": "Please choose a file.",
            "invalid": "Please choose a file.",
            "empty": "There is nothing in this file.",
        },
    )
    description = WordsField(
        label="What it is",
        required=False,
        max_length=DESCRIPTION_MOST,
        help_text="For example: letter of the GP, 3 March.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["data-max"] = most_bytes()  # static/beside.js looks before it is sent
        self.fields["file"].help_text = (
            "PDF, JPEG, PNG, plain text, Word (.docx) or OpenDocument text (.odt), of up to"
            f" {most_bytes() // MEGABYTE} MB. It is encrypted as it arrives."
        )
        if self.is_bound:
            self.fields["file"].help_text += " Your browser lets go of a chosen file: please choose it once more."

    @classmethod
    def afresh(cls, typed: QueryDict) -> Self:
        """Return the form with what was typed and a number of its own; the file is to be chosen again."""
        return cls({**typed.dict(), "nonce": str(uuid4())})

    @property
    def arguments(self) -> dict[str, Any]:
        """Return what `add_file` wants of a valid form."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        known = {name: self.cleaned_data[name] for name in ("nonce", "description", "name", "kind")}
        return known | {"pieces": file.chunks(), "size": file.size}

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse what is too large or of no kind that is taken; add `kind` and the `name` that fits it."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > most_bytes():
            # Rounded up: "10.0 MB, and 10 MB can be taken" would be no answer.
            most, has = most_bytes() // MEGABYTE, ceil((file.size or 0) / MEGABYTE * 10) / 10
            raise forms.ValidationError(f"This file has {has} MB, and up to {most} MB can be taken.")
        try:
            kind: Kind = kind_of(file)
            self.cleaned_data |= {"kind": kind.key, "name": fitting_name(file.name or "", kind)}
        except NotTaken as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file
