"""Staff away: whoever is ill cannot say so themselves, so the Head, the senior leaders or the administrator do."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from keywork.models import StaffAbsence
from tests.world import OTHER_SURNAME

URL = "/school/away/"


def words(response) -> str:
    return " ".join(response.content.decode().split())


def typed(user, **changes):
    return {
        "away-person": user.pk,
        "away-starts_on": "2026-11-23",
        "away-ends_on": "2026-11-27",
        **changes,
    }


@pytest.mark.parametrize("who", ["head", "slt", "admin"])
def test_a_colleague_is_put_down_as_away(world, as_user, who):
    by = getattr(world, f"u_{who}")
    client = as_user(by)
    assert client.post(URL, typed(world.u_keyworker)).status_code == 302
    absence = StaffAbsence.objects.get()
    assert (absence.user_id, absence.ends_on, absence.recorded_by_id) == (
        world.u_keyworker.pk,
        date(2026, 11, 27),
        by.pk,
    )
    page = words(client.get(URL))
    assert "Keyworker<span" in page and "Monday 23 November 2026 to Friday 27 November 2026" in page
    again = client.post(URL, typed(world.u_keyworker))
    assert again.status_code == 422 and "Keyworker is down as away on some of these days" in words(again)
    wrong = client.post(URL, typed(world.u_keyworker, **{"away-ends_on": "2026-11-20"}))
    assert wrong.status_code == 422 and "on or after the first" in words(wrong)
    client.post(reverse("portal:staff_away_remove", args=[absence.pk]))
    assert not StaffAbsence.objects.exists()


def test_it_shows_wherever_somebody_looks_for_the_keyworker(world, as_user):
    as_user(world.u_head).post(URL, typed(world.u_keyworker))
    head = as_user(world.u_head)
    assert "Away</span> until Friday 27 November" in words(head.get("/assignments/"))
    assert "Away until Friday 27 November" in words(head.get("/oversight/?show=everyone"))
    assert URL in words(head.get("/oversight/"))
    assert URL in words(as_user(world.u_admin).get("/school/accounts/"))
    record = words(head.get(reverse("students:record", args=[world.mina.pk])))
    assert "Away until Friday 27 November" in record
    deputy = words(as_user(world.u_deputy).get("/today/"))
    assert "Keyworker is away until Friday 27 November.</strong> Until then you cover for Min." in deputy
    assert OTHER_SURNAME not in deputy
    assert "is away until" not in words(as_user(world.u_keyworker_other).get("/today/"))


def test_it_is_not_for_everyone(world, as_user):
    for who in (world.u_keyworker, world.u_coordinator, world.u_parent):
        assert as_user(who).get(URL).status_code == 403
        assert as_user(who).post(URL, typed(world.u_keyworker)).status_code == 403
    assert not StaffAbsence.objects.exists()
