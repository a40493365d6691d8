"""The bar at the top of every page: whose school it is and at most five links, by what a person may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse_lazy
from django.utils.functional import SimpleLazyObject

from .access import Can, has_capability, holds_for_all, relations
from .addresses import fixed
from .http import SchoolRequest
from .middleware import seconds_left
from .school import SchoolNotSetUp
from .words import worded, worded_lazy

MOST_LINKS = 5  # the person's own link makes six (look.md, Shell)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url_name: str
    icon: str
    can: Can
    keep: int  # when there are too many, the lowest goes first
    about: Can | None = None

    def is_for(self, user: Any, first: str | None) -> bool:
        """Does it lead somewhere for this person? Never to a page with nothing on it."""
        if not has_capability(user, self.can):
            return False
        if self.url_name == "portal:today":
            return first == self.url_name or bool(relations(user).related)
        return self.about is None or holds_for_all(user, self.about) or relations(user).holds_any(self.about)


# In the order shown. `about`: shown only to who may do this for every student or for at least one.
LINKS = (
    Link("Oversight", "portal:oversight", "eye", Can.OVERSEE, 9),
    Link("Assignments", "portal:assignments", "user-plus", Can.ASSIGN, 8),
    Link("Safeguarding", "portal:safeguarding", "lifebuoy", Can.VIEW_RESTRICTIONS, 8),
    Link("School", "portal:administrator", "building-library", Can.MANAGE_ACCOUNTS, 8),
    Link("Today", "portal:today", "sun", Can.USE_TODAY, 3),
    Link(worded_lazy("Students"), "students:list", "users", Can.LIST_STUDENTS, 7, about=Can.VIEW_STUDENT),
    # The home of the coordinator; the table of every TSP and the form are links on it.
    Link("TSP", "portal:coordinator", "clipboard-document-list", Can.FOLLOW_TSP, 5),
    Link("Reviews", "portal:reviews", "calendar-days", Can.EDIT_PLANS, 1, about=Can.EDIT_PLANS),
    Link("Reports", "reports:list", "document-text", Can.VIEW_REPORTS, 4, about=Can.VIEW_REPORTS),
    # The head imports too, from the list of students: six links would be one too many.
    Link("Import", "students:import", "arrow-up-tray", Can.MANAGE_ACCOUNTS, 6),
    Link("Accounts", "portal:accounts", "identification", Can.MANAGE_ACCOUNTS, 6),
    Link("Home", "portal:family", "home", Can.VIEW_FAMILY_HOME, 5),
    Link("My page", "portal:my_page", "face-smile", Can.VIEW_MY_PAGE, 5),
    Link("Search", "portal:search", "magnifying-glass", Can.LIST_STUDENTS, 2, about=Can.VIEW_STUDENT),
)


def first_page(user: Any) -> str | None:
    """The name of the page this person came for: the first that fits what they are; None for nobody's."""
    if has_capability(user, Can.ASSIGN):
        return "portal:oversight"
    if has_capability(user, Can.VIEW_RESTRICTIONS):
        return "portal:safeguarding"
    if has_capability(user, Can.FOLLOW_TSP):
        return "portal:coordinator"
    if has_capability(user, Can.MANAGE_ACCOUNTS):
        return "portal:administrator"
    if holds_for_all(user, Can.EDIT_PLANS):
        return "portal:reviews"
    if has_capability(user, Can.OVERSEE):
        return "portal:oversight"
    if has_capability(user, Can.USE_TODAY):
        return "portal:today"
    if has_capability(user, Can.VIEW_FAMILY_HOME):
        return "portal:family"
    return "portal:my_page" if has_capability(user, Can.VIEW_MY_PAGE) else None


@dataclass(frozen=True, slots=True)
class NavLink:
    """One link as the template draws it."""

    label: str
    url_name: str
    url: str
    icon: str
    active: bool


def links_for(user: Any, path: str) -> list[NavLink]:
    """The links of a signed-in person, in order; the one whose address leads to `path` is active."""
    first = first_page(user)
    mine = [(link, fixed(link.url_name)) for link in LINKS if link.is_for(user, first)]
    # One's own first page always stands.
    mine.sort(key=lambda pair: (pair[0].url_name != first, -pair[0].keep))
    kept = sorted(mine[:MOST_LINKS], key=lambda pair: LINKS.index(pair[0]))
    leading = [url for _, url in kept if path == url or (url != "/" and path.startswith(url))]
    here = max(leading, key=len, default=None)
    sees_all = holds_for_all(user, Can.VIEW_STUDENT)
    return [
        NavLink(
            worded("My students") if link.url_name == "students:list" and not sees_all else link.label,
            link.url_name,
            url,
            link.icon,
            url == here,
        )
        for link, url in kept
    ]


def nav(request: SchoolRequest) -> dict[str, Any]:
    """Context of base.html. Lazy: a fragment answered to htmx asks for none of it and costs nothing.

    `gentle` is true for someone who is only family or student: larger words (look.md, kw-gentle).
    """
    user = getattr(request, "user", None)

    def links() -> list[NavLink]:
        return links_for(user, request.path) if user is not None and user.is_authenticated else []

    def school_name() -> str:
        school = getattr(request, "school", None)  # none when it was refused before SchoolMiddleware
        try:
            return school.name if school is not None else ""
        except SchoolNotSetUp:  # before the first set-up there is still a sign-in page
            return ""

    def gentle() -> bool:
        return bool(user is not None and user.is_authenticated and not user.is_school_staff)

    return {
        "nav_links": SimpleLazyObject(links),
        "me_url": reverse_lazy("portal:me"),
        "school_name": SimpleLazyObject(school_name),
        "gentle": SimpleLazyObject(gentle),
        "session_left": SimpleLazyObject(lambda: str(seconds_left(request)[0])),
        "demo": settings.DEMO,
        "school_account": settings.OIDC_NAME if settings.OIDC_URL else "",
    }
