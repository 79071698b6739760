"""Template tags of the house: `{% load beside %}`."""
