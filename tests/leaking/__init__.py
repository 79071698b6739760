"""A Beside in which things go wrong with a client's words in hand: settings, addresses and a task for test_leaks."""
