"""Who works here and what they may do: users, roles, scoping, audit trail, practice settings."""
