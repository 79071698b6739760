"""Pages: the library, what was assigned, and the client's own page."""
