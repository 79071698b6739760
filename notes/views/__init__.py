"""Pages on notes and on files."""
