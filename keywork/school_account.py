"""Signing in with the account students and staff have at school, by OpenID Connect.

The provider says which address it has verified; whose that is says the school's own record. No account is made, and
none is tied to one of the provider's: each time the address decides.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from .models import User
from .roles import STAFF_ROLES

NOBODYS = "Keywork knows nobody by this account. Sign in another way, or ask the school office."
FAILED = "That did not work. Try again, or sign in another way."
YES = (True, 1, "1", "true")


class SchoolAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Nothing of allauth's comes after it, so that no row says who has which account at the provider."""
        user = whose(sociallogin.account.extra_data.get("id_token") or {})
        if user is None:
            raise ImmediateHttpResponse(_refused(request, NOBODYS))
        record_authentication(request, user, method="socialaccount", provider=sociallogin.account.provider)
        login = Login(user=user, redirect_url=sociallogin.get_redirect_url(request))
        raise ImmediateHttpResponse(perform_login(request, login))

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        """Also for one who turned back at the provider."""
        raise ImmediateHttpResponse(_refused(request, FAILED))


class SignedAdapter(OpenIDConnectOAuth2Adapter):
    """allauth's, which believes an ID token unseen because of TLS: here its signature is always checked."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict:
        return jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Where the provider leads back to."""
    try:
        return OAuth2CallbackView.adapter_view(SignedAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


def whose(told: dict[str, Any]) -> User | None:
    """The one student or member of staff with this address on record; none for one that is not verified.

    Microsoft says `xms_edov` of an address whose domain is its school's.
    """
    address = str(told.get("email") or "").strip()
    if not address or not (told.get("email_verified") in YES or told.get("xms_edov") in YES):
        return None
    found = User.objects.filter(
        Q(email__iexact=address) | Q(student__email__iexact=address),
        roles__overlap=[*STAFF_ROLES, "student"],
    )
    users = list(found.distinct()[:2])
    return users[0] if len(users) == 1 else None


def _refused(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.error(request, words)
    return redirect("account_login")
