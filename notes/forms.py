"""What a counsellor types about a session."""

from django import forms

TEXT_MOST = 50_000
QUESTION_MOST = 2_000
VERSION_MOST = 2_000_000_000


class WordsField(forms.CharField):
    """A text of several lines; browsers send CR LF between them."""

    widget = forms.Textarea

    def to_python(self, value: str | None) -> str | None:
        return super().to_python((value or "").replace("\r\n", "\n"))


class SignForm(forms.Form):
    """The version of a note that was read."""

    version = forms.IntegerField(min_value=0, max_value=VERSION_MOST, widget=forms.HiddenInput)


class NoteForm(SignForm):
    """A session's note; `version` is the one that the writer began from (0: there was none)."""

    text = WordsField(
        label="What happened, and what to keep in mind",
        max_length=TEXT_MOST,
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
