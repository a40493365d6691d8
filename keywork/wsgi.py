import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
application = get_wsgi_application()

# What is loaded now stays for good: the collector need not walk it again and again. And a page about 2,000
# students makes many thousand objects, none of them in a cycle; looking for cycles after each 700 cost a
# third of its time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
