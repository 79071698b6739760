"""Template tags of the diary: `{% load diary %}`."""
