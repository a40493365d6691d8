"""What must be done before the site can answer: migrations, collected static files, a school to look at.

A process of its own, so that the supervisor stays small: `python -m keywork.local.prepare`.
"""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from keywork import local
from keywork.local.files import private_directory
from keywork.production import DEMO_DOMAIN
from keywork.versions import newer_database


def main() -> None:
    """Bring the database and the static files up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
    try:
        django.setup()
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))
    if newer := newer_database():
        sys.exit(newer)
    for directory in (local.data_dir() / "mail", Path(settings.MEDIA_ROOT)):
        private_directory(directory)
    if not MigrationRecorder(connection).has_table():
        sys.stdout.write("Setting up the database. It takes about a minute, this once.\n")
        sys.stdout.flush()
    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    if settings.DEMO:
        make_demo_school()
    say_what_is_missing()


def collect_static() -> None:
    """Run collectstatic, unless the same files were collected last time."""
    root = Path(settings.STATIC_ROOT)
    mark = root.with_name("static.collected")
    wanted = _fingerprint()
    if root.is_dir() and mark.exists() and mark.read_text() == wanted:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(wanted)


def _fingerprint() -> str:
    """Of every static file: its name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = os.stat(storage.path(name))
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def make_demo_school() -> None:
    """Fill an empty installation with the invented school. A school of its own is never run as a demo: there nobody
    needs a second step, and mail goes into files."""
    from django.apps import apps

    people = apps.get_model("keywork", "User").objects
    if not people.exists() and not apps.get_model("keywork", "School").objects.exists():
        sys.stdout.write(
            "Making the demo school, with two years of records. It takes a few minutes, this once.\n"
        )
        sys.stdout.flush()
        call_command("demo_school", verbosity=0)  # the sign-ins are shown once the site answers
    elif not people.filter(email__endswith=f"@{DEMO_DOMAIN}").exists():
        sys.exit(
            "There is a school of its own here, not the demo school. Start it with\n"
            "KEYWORK_DEMO=0 make run\nor write KEYWORK_DEMO=0 into the file .env once, and then: make run"
        )


def say_what_is_missing() -> None:
    """Before there is an administrator: how to become it, in the browser or by a command with this very Python."""
    from django.conf import settings
    from django.urls import reverse

    from keywork.actions.accounts import has_administrator
    from keywork.printed_codes import setup_code

    if not has_administrator():
        sys.stdout.write(
            "Nobody can sign in yet. Once Keywork answers, open\n"
            f"{settings.BASE_URL}{reverse('portal:first')}\n"
            f"and type this code, which works once: {setup_code()}\n"
            "Or without a browser, in another terminal:\n"
            f'{sys.executable} manage.py setup_school "Name of the school" '
            '--administrator "Your name" --email you@school.example\n'
        )


if __name__ == "__main__":
    main()
