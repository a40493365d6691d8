import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
application = get_wsgi_application()

from keywork.collector import work_between_requests  # noqa: E402  settings must be ready first
from keywork.logs import NoAddresses  # noqa: E402

work_between_requests()
logging.getLogger("gunicorn.error").addFilter(NoAddresses())
