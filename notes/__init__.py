"""Session notes: drafts and signing."""
