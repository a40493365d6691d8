"""The Celery application: `celery -A keywork.celery worker`, and the home of every shared task."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")

app = Celery("keywork")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
