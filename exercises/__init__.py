"""Compassion practice between sessions: library, assignments, the client's pages, answers."""
