"""The benchmarks: see README.md. Those that measure the product have its settings named (`__main__.environment`)."""

import os

import django

if "DJANGO_SETTINGS_MODULE" in os.environ:
    django.setup()
