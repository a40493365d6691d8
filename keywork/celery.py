"""The Celery application: `celery -A keywork.celery worker`, and the home of every shared task."""

import os
import sys
from functools import cache
from typing import Any, cast

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init, heartbeat_sent, setup_logging
from django.utils.functional import SimpleLazyObject

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")


class SchoolTask(Task):
    """Says what it writes in the school's words, as a page does."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from . import school, words  # settings are read by then

        with words.of(cast(Any, SimpleLazyObject(school.load))):
            return super().__call__(*args, **kwargs)


app = Celery("keywork", task_cls=SchoolTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_settings_say(**_: Any) -> None:
    """Celery would add handlers of its own, which do not leave addresses out."""


@celeryd_init.connect
def take_time(**_: Any) -> None:
    """Nobody sits before a worker: on a busy machine it waits for Redis rather than connecting again and again."""
    app.conf.broker_transport_options |= {"socket_timeout": 30, "socket_connect_timeout": 10}


@heartbeat_sent.connect
def say_that_it_is_there(**_: Any) -> None:
    _sign().give(app.amqp.queues.consume_from)


@cache
def _sign() -> Any:
    from .at_work import Sign  # settings are read by then

    return Sign()


@celeryd_init.connect
@beat_init.connect
def refuse_a_newer_database(**_: Any) -> None:
    from .versions import newer_database  # settings are read by then

    if problem := newer_database():
        sys.exit(problem)
