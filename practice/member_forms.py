"""What somebody who runs the practice chooses about a member."""

from django import forms

from practice.roles import Role


class RoleForm(forms.Form):
    """What a member is here for."""

    role = forms.ChoiceField(label="Role", choices=Role.choices, widget=forms.RadioSelect)
