import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
application = get_wsgi_application()

from keywork.logs import NoAddresses  # noqa: E402

logging.getLogger("gunicorn.error").addFilter(NoAddresses())
