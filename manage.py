#!/usr/bin/env python
"""Django's command line for Keywork."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    django.setup()
    from keywork.versions import WITHOUT_DATABASE, newer_database

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if not command.startswith("-") and command not in WITHOUT_DATABASE and (problem := newer_database()):
        sys.exit(problem)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
    try:
        main()
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))
