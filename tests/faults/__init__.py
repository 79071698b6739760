"""Real processes that are killed, and a look at what is left."""
