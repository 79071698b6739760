"""What tests/test_scoping.py walks through: a world with a row of everything, and who may open which address."""
