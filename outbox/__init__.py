"""Mail's only home: what will be sent, when, to whom, and what became of it."""
