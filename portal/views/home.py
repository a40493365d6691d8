"""The address of the school leads each person to the page they came for."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect

from keywork import pending
from keywork.access import Can
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.nav import front_door


@permission_required(Can.MANAGE_OWN_ACCOUNT)
def home(request: SchoolRequest) -> HttpResponse:
    pending.remind(request, request.user)
    return redirect(front_door(request.user) or "portal:help")
