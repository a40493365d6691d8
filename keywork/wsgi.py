import gc
import logging
import os
import sys

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
application = get_wsgi_application()

from keywork.logs import NoAddresses  # noqa: E402
from keywork.versions import newer_database  # noqa: E402

logging.getLogger("gunicorn.error").addFilter(NoAddresses())

if problem := newer_database():
    sys.stderr.write(f"{problem}\n")
    sys.exit(3)  # gunicorn stops at this, and starts no other worker

# Every view is there before the first request. And what the program consists of is left out of collecting rubbish, as
# it never becomes any: looking through it took half of the time of a page about a whole school (bench/README.md).
get_resolver().url_patterns  # noqa: B018  reading it imports them
gc.collect()
gc.freeze()
