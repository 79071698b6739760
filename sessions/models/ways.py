"""How people meet."""

from django.db import models


class Mode(models.TextChoices):
    """The way in which a session is held."""

    IN_PERSON = "in_person", "In person"
    VIDEO = "video", "Video link"
    PHONE = "phone", "Phone"
