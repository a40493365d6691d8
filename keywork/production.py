"""What an installation that is reached by https must not do without: it does not start weak.

Read by the settings, so nothing of Django's that needs them is imported here.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

DEMO_DOMAIN = "demo.keywork.example"  # of the addresses of the invented school, whose password is in README

KEY_LENGTH = 50  # characters, as Django's own check asks (security.W009)
KEY_VARIETY = 5  # different characters
MAKE_A_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


def refuse_weak(*, secret_key: str, demo: bool, debug: bool, redis_url: str, oidc_url: str) -> None:
    """Raise ImproperlyConfigured with a sentence for each thing to put right.

    `redis_url` is empty for the embedded Redis, whose socket only its owner reaches.
    """
    wrong = []
    if demo:
        wrong.append("KEYWORK_DEMO=1 lets anybody in with a password that everybody knows. Set it to 0.")
    if debug:
        wrong.append("KEYWORK_DEBUG=1 shows data and settings in every error. Set it to 0.")
    if len(secret_key) < KEY_LENGTH or len(set(secret_key)) < KEY_VARIETY:
        wrong.append(
            f"Set KEYWORK_SECRET_KEY to {KEY_LENGTH} or more random characters, for example from: {MAKE_A_KEY}."
        )
    if redis_url and not redis_url.startswith("unix:") and not urlsplit(redis_url).password:
        wrong.append("Give Redis a password, and write it into REDIS_URL: redis://:password@host:6379/0.")
    if oidc_url and not oidc_url.startswith("https://"):
        wrong.append("KEYWORK_OIDC_URL says who signs in: it has to begin with https://.")
    if wrong:
        raise ImproperlyConfigured("Keywork does not start in production like this. " + " ".join(wrong))
