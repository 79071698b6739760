# One image for web, worker and beat. It carries no key and writes under BESIDE_VAR alone.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    BESIDE_VAR=/var/lib/beside \
    STATIC_ROOT=/srv/beside-static

RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/beside --no-create-home beside \
    && install --directory --owner=beside --group=beside --mode=0700 /var/lib/beside \
    && install --directory --owner=beside --group=beside /srv/beside-static

WORKDIR /srv/beside
COPY requirements.lock .
RUN pip install --require-hashes --requirement requirements.lock
COPY . .
RUN python -m compileall -q .

USER beside
# Static files get their hashed names now; the keys of this one command are made up and forgotten.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    VAULT_KEYS="build:$(python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    python manage.py collectstatic --noinput

VOLUME /var/lib/beside
EXPOSE 8000

# Requests are logged by the app, by route and without a path; gunicorn's own access log stays off.
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--graceful-timeout", "30"]
