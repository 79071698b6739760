"""Supervision agenda and pseudonymised packs."""
