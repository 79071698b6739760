"""What the tests need beside Python: system packages, a PostgreSQL and a Redis of their own."""
