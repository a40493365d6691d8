# One image for web, worker, printer, beat and migrations; docker-compose.yml says which is which.
FROM python:3.12-slim-bookworm

# Pango and HarfBuzz print the reports, Liberation is their font; Noto has the other scripts people are named in.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-liberation fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home keywork \
    && install --directory --mode 0700 --owner keywork /srv/backups /srv/keywork /srv/media

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=keywork.settings \
    KEYWORK_DATA_DIR=/srv/keywork \
    KEYWORK_MEDIA_DIR=/srv/media \
    KEYWORK_COLLECTED=1 \
    XDG_CACHE_HOME=/tmp/cache

WORKDIR /app
COPY requirements/ requirements/
ARG REQUIREMENTS=base
RUN pip install --no-cache-dir --require-hashes --requirement requirements/${REQUIREMENTS}.txt
COPY . .

USER keywork
# Nothing is connected to while static files are collected, but settings must not start the embedded servers, and no
# key of the build may stay in the image.
RUN DATABASE_URL=postgres://build/build REDIS_URL=redis://build KEYWORK_SECRET_KEY=build python manage.py collectstatic --no-input

EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "docs/deploy/healthcheck.py"]
CMD ["gunicorn", "keywork.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--worker-class", "gthread", \
     "--threads", "4", "--keep-alive", "75", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
