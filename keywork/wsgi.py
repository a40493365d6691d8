import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
application = get_wsgi_application()

# What is loaded now stays for good: the collector need not walk it again and again. And a page about 2,000
# students holds some 35,000 objects at once, none of them in a cycle: to look for cycles among them, as Python
# would after every 700, cost a third of its time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
