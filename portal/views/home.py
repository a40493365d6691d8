"""The address of the school leads each person to the page they came for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from keywork.access import Can, has_capability
from keywork.guards import door

# The first that a person holds is their front door.
FRONT_DOORS = (
    (Can.ASSIGN, "portal:oversight"),
    (Can.MANAGE_ACCOUNTS, "students:list"),
    (Can.USE_TODAY, "portal:today"),
    (Can.VIEW_FAMILY_HOME, "portal:family"),
    (Can.VIEW_MY_PAGE, "portal:my_page"),
)


@door(Can.MANAGE_OWN_ACCOUNT)
def home(request: HttpRequest) -> HttpResponse:
    for can, url_name in FRONT_DOORS:
        if has_capability(request.user, can):
            return redirect(url_name)
    return redirect("portal:help")
