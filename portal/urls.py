"""Front doors. Each group of lines belongs to one module of `portal.views`."""

from django.urls import path

from .views import (
    accounts,
    assignments,
    family,
    home,
    me,
    oversight,
    pages,
    search,
    staff_away,
    student,
    today,
)

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("today/", today.today, name="today"),
    path("today/<int:student_id>/card/", today.card, name="card"),
    path("oversight/", oversight.oversight, name="oversight"),
    path("oversight/table.csv", oversight.download, name="oversight_csv"),
    path("assignments/", assignments.board, name="assignments"),
    path("assignments/students/<int:student_id>/", assignments.assign, name="assign"),
    path("assignments/<int:pk>/end/", assignments.end, name="end_assignment"),
    path("assignments/<int:pk>/take-back/", assignments.take_back, name="take_back"),
    path("assignments/keyworkers/<int:user_id>/move/", assignments.hand_over, name="hand_over"),
    path("home/", family.home, name="family"),
    path("home/<int:student_id>/", family.child, name="family_child"),
    path("my-page/", student.my_page, name="my_page"),
    path("search/", search.search, name="search"),
    path("help/", pages.help_page, name="help"),
    path("privacy/", pages.privacy, name="privacy"),
    path("healthz", pages.healthz, name="healthz"),
    path("school/away/", staff_away.staff_away, name="staff_away"),
    path("school/away/<int:pk>/remove/", staff_away.staff_back, name="staff_away_remove"),
    path("me/", me.me, name="me"),
    path("me/unsent/", me.unsent, name="unsent"),
    path("me/away/", me.away, name="away"),
    path("me/away/<int:pk>/remove/", me.back, name="away_remove"),
    path("school/accounts/", accounts.listing, name="accounts"),
    path("school/accounts/invite/staff/", accounts.invite_staff, name="invite_staff"),
    path("school/accounts/invite/family/", accounts.invite_family, name="invite_family"),
    path("school/accounts/invite/student/", accounts.invite_student, name="invite_student"),
    path("school/accounts/<int:pk>/", accounts.account, name="account"),
    path("school/accounts/<int:pk>/resend/", accounts.resend, name="account_resend"),
    path("school/accounts/<int:pk>/close/", accounts.close, name="account_close"),
    path("school/accounts/<int:pk>/reopen/", accounts.reopen, name="account_reopen"),
    path("school/accounts/<int:pk>/reset/", accounts.reset, name="account_reset"),
]
