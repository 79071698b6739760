"""The project: settings, URLs, Celery, WSGI. It alone sees all rooms."""
