"""The routes of allauth that Keywork has: signing in, passwords and the second step; no others."""

from allauth.account import views
from allauth.decorators import rate_limit
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import include, path, re_path

from . import school_account
from .signin import emailed_code, signup_closed
from .views.session import language, session_left, sign_out

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("logout/", sign_out, name="account_logout"),
    path("session/", session_left, name="account_session"),
    path("language/", language, name="account_language"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path(
        "signup/", signup_closed, name="account_signup"
    ),  # allauth's pages name it; accounts come by invitation
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        rate_limit(action="reset_link", limit_get=True)(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "code/",
        rate_limit(action="emailed_code")(views.confirm_login_code),
        name="account_confirm_login_code",
    ),
    path(
        "<slug:provider_id>/login/",
        rate_limit(action="school_account", limit_get=True)(openid_connect.login),
        name="openid_connect_login",
    ),
    path("<slug:provider_id>/login/callback/", school_account.callback, name="openid_connect_callback"),
    path("2fa/by-email/", emailed_code, name="account_emailed_code"),
    path("2fa/", include("allauth.mfa.urls")),
]
