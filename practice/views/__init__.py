"""Pages of the practice, by noun."""
