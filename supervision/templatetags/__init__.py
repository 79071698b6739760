"""Template tags of packs: `{% load packs %}`."""
