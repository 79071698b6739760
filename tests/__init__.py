"""The tests: a folder for each room, the rules of the house, a browser, and faults."""
