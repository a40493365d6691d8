"""The parent of the demo school has a report to open."""

from __future__ import annotations

from django.core import mail

from demo.papers import release_last_term
from keywork.models import User


def test_parent_of_the_demo_opens_last_terms_report(twelve, settings, tmp_path, as_user):
    settings.MEDIA_ROOT = tmp_path
    assert release_last_term() == 4
    for name, titles in (
        ("parent", ("Kacper: keeping in touch", "Kacper: report for home")),
        ("parent2", ("Teddy: report for home",)),
    ):
        parent = as_user(User.objects.get(email=f"{name}@demo.keywork.example"))
        page = parent.get("/home/", follow=True).content.decode()
        for title in titles:
            assert f"{title}, Summer term 2025/26" in page
    assert mail.outbox == []
