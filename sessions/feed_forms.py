"""What is chosen for a calendar feed."""

from django import forms

from sessions.models import Feed


class FeedForm(forms.Form):
    """How clients stand in the feed. Clean gives `naming`."""

    naming = forms.ChoiceField(
        label="Clients stand in it by",
        choices=Feed.Naming.choices,
        initial=Feed.Naming.REFERENCE,
        widget=forms.RadioSelect,
        help_text="Never by name: calendar programs copy a feed to telephones and to servers of other companies.",
        error_messages={"required": "Please choose how clients stand in it."},
    )
