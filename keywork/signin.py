"""Signing in by Keywork's rules on top of allauth: by invitation, and with a second step for staff."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.signals import password_changed
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import user_logged_in
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import base36_to_int
from django.views.decorators.http import require_POST

from outbox import actions as outbox

from . import clock, known_browser, pending
from .backends import may_come_in
from .http import Middleware, NotedRequest
from .middleware import stamp_session
from .models import EmailedCode, User
from .printed_codes import emailed_code as code_of
from .signin_words import MESSAGES

SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
CHANGED = "account/messages/password_changed.txt"
HAS_SECOND_STEP = "keywork_second_step"  # in the session: the id of the person who was seen to have one


class AccountAdapter(DefaultAccountAdapter):
    """Closed sign-up, plain words, mail from the queue."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed. Ask the school office if you think that is wrong",
        "email_password_mismatch": (
            "The e-mail address or the password is not right. Try again, or choose a new password"
        ),
        "incorrect_password": "That is not your password. Try again",
        "enter_current_password": "That is not the password you have now. Try again",
        "incorrect_code": "That code is not right. Wait for the next one, or check the time on your phone",
        "invalid_password_reset": "This link no longer works. Ask for a new one",
        "too_many_login_attempts": "Too many tries. Wait five minutes, or choose a new password",
        "rate_limited": "Too many tries. Wait a minute, then try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """By password, by passkey or by a link: whoever may not come in is told that the account is closed."""
        if not may_come_in(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("portal:me")

    def send_notification_mail(
        self, template_prefix: str, user: Any, ctx: Any = None, email: str | None = None
    ) -> None:
        first = getattr(context.request, "first_password", False)
        self._write("account/email/password_set" if first else template_prefix, user)

    def set_password(self, user: Any, password: str) -> None:
        context.request.first_password = not user.has_usable_password()
        super().set_password(user, password)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if getattr(request, "first_password", False) and message_template == CHANGED:
            message_template = "account/messages/password_set.txt"  # the first was chosen, not changed
        if message_template in MESSAGES:
            message, message_template = MESSAGES[message_template].format(**message_context or {}), None
        super().add_message(request, level, message_template, message_context, extra_tags, message)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if getattr(request, "first_password", False):
            reauthenticate_by_password(request)  # they wrote it a moment ago
        if user.email:
            known_browser.remember(request, response, user.email)
        return response

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords are counted by address; a browser in which that person signed in before has a count of
        its own, so that a stranger who guesses does not lock them out."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{known_browser.token(request, credentials.get('email', ''))}"

    def send_password_reset_mail(self, user: Any, email: str, ctx: dict[str, Any]) -> None:
        self._write("account/email/password_reset_key", user)

    def generate_login_code(self) -> str:
        """Made again by the worker, of which no queue knows more than the nonce."""
        context.request.code_nonce = token_urlsafe(16)
        return code_of(context.request.code_nonce)

    def send_mail(self, template_prefix: str, email: str, ctx: dict[str, Any]) -> None:
        """By the worker, too: a page that waited for the mail server would tell which addresses have an account."""
        if template_prefix != "account/email/login_code":
            return super().send_mail(template_prefix, email, ctx)
        user = User.objects.get(email=email.strip().lower())
        ways = [record["method"] for record in get_authentication_records(self.request, user)]
        at = clock.now().isoformat()
        outbox.do(
            "keywork.sign_in_code",
            user=user.pk,
            nonce=context.request.code_nonce,
            at=at,
            after_password="password" in ways,
        )

    def is_login_by_code_required(self, login: Any) -> bool:
        """Who chose a code by e-mail is asked for it, unless by passkey or app, or by a link from the same mailbox."""
        ways = [record["method"] for record in get_authentication_records(self.request, login.user)]
        if ways[-1:] in (["code"], ["password_reset"]) or has_second_step(login.user):
            return False
        login.email = login.user.email
        return has_emailed_code(login.user)

    def _write(self, kind: str, user: User) -> None:
        """By the worker, which makes the link: no queue holds one, and no page takes longer for a known address."""
        about = kind.replace("/email/", ".")
        outbox.do("keywork.sign_in", about=about, user=user.pk, at=clock.now().isoformat())


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_generate_recovery_codes": "Set up the app or a passkey first",
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a passkey is called until its owner gives it a name."""
        return "My device"


class LinkTokens(PasswordResetTokenGenerator):
    """One-time links: an invitation works for PASSWORD_RESET_TIMEOUT, a new password only for a day."""

    def check_token(self, user: Any, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        if not may_come_in(user):
            return False
        made = base36_to_int(str(token).split("-")[0])
        age = self._num_seconds(self._now()) - made
        return not user.has_usable_password() or age <= settings.NEW_PASSWORD_LINK_SECONDS


def invitation_url(user: User) -> str:
    """Where the invited person, or one who asked for it, chooses a password; works once.

    It follows KEYWORK_BASE_URL, never what a request says of its host.
    """
    return settings.BASE_URL.rstrip("/") + invitation_path(user)


def invitation_path(user: User) -> str:
    """The same, for somebody who is here already."""
    kwargs = {"uidb36": user_pk_to_url_str(user), "key": LinkTokens().make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=kwargs)


@require_POST
@reauthentication_required
def emailed_code(request: HttpRequest) -> HttpResponse:
    """Begin (`use`) or stop being sent a code at each sign-in. Not for those who work here: they need more."""
    user = request.user
    if not isinstance(user, User) or user.is_school_staff or not user.email:
        raise PermissionDenied
    if request.POST.get("use"):
        EmailedCode.objects.get_or_create(user=user)
        messages.success(request, f"From now on a code is sent to {user.email} when you sign in.")
    else:
        EmailedCode.objects.filter(user=user).delete()
        messages.success(request, "You sign in without a code now.")
    return redirect("mfa_index")


@login_not_required
def signup_closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/signup_closed.html", status=404)


# ------------------------------------------------------------------ the second step of staff


def has_emailed_code(user: User) -> bool:
    """A family or a student chose a code by e-mail; it is no second step for staff."""
    return EmailedCode.objects.filter(user=user).exists()


def has_second_step(user: User) -> bool:
    """Recovery codes alone are none: they end."""
    return Authenticator.objects.filter(user=user, type__in=SECOND_STEPS).exists()


class SecondStepMiddleware(Middleware):
    """With REQUIRE_MFA, staff without a second step are led to set one up before anything else (DP-4).

    Once seen to have one, the session remembers, so that no request asks the database again.
    """

    OPEN = ("mfa_", "account_")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: NotedRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not settings.REQUIRE_MFA or not getattr(view, "login_required", True):
            return None
        user = request.user
        if not isinstance(user, User) or not user.is_school_staff:
            return None
        if request.session.get(HAS_SECOND_STEP) == user.pk:
            return None
        if has_second_step(user):
            request.session[HAS_SECOND_STEP] = user.pk
            return None
        request.needs_second_step = True
        match = request.resolver_match
        if match and (match.url_name or "").startswith(self.OPEN) and not match.namespace:
            return None
        if getattr(request, "htmx", False):
            return HttpResponse(headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")


@receiver(authenticator_removed)
def _look_again(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    request.session.pop(HAS_SECOND_STEP, None)


@receiver(password_changed)
def _it_is_they(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Who changes a password has just written the old one."""
    reauthenticate_by_password(request)


@receiver(user_logged_in)
def _session_begins(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    stamp_session(request)
    for name in (pending.ENDED, pending.LEFT):
        request.session.pop(name, None)
    if request.POST.get("next") != reverse("portal:unsent"):
        pending.remind(request, user)
