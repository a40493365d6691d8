"""allauth's forms in Keywork's words: labels that stay, no placeholders, what is missing said plainly."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError

from .forms import KeyworkFormMixin

NEW = "Your new password"
HINT = "12 characters or more. Three words that do not belong together are easy to keep in mind."
CODE_MISSING = "Write the code"
RECOVERY_WRONG = (
    "That recovery code is not right, or you have used it before. Each works once: try the next one"
)


class PlainFields(KeyworkFormMixin):
    """`labels` and `hints` by field name replace what allauth says."""

    labels: dict[str, str] = {}
    hints: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            if name in self.hints:
                field.help_text = self.hints[name]


class SignInForm(PlainFields, account.LoginForm):
    labels = {"login": "E-mail address", "password": "Password"}
    missing = {"login": "Write your e-mail address", "password": "Write your password"}


class AskForPasswordForm(PlainFields, account.ResetPasswordForm):
    labels = {"email": "Your e-mail address"}
    missing = {"email": "Write your e-mail address"}


class _NewPassword(PlainFields):
    labels = {"oldpassword": "Your password now", "password1": NEW, "password2": "The same once more"}
    hints = {"password1": HINT}
    missing = {
        "oldpassword": "Write the password you have now",
        "password1": "Write a new password",
        "password2": "Write the new password once more",
    }


class ChoosePasswordForm(_NewPassword, account.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_NewPassword, account.ChangePasswordForm):
    pass


class SetPasswordForm(_NewPassword, account.SetPasswordForm):
    pass


class AskForCodeForm(PlainFields, account.RequestLoginCodeForm):
    labels = {"email": "Your e-mail address"}
    missing = {"email": "Write your e-mail address"}


class EmailedCodeForm(PlainFields, account.ConfirmLoginCodeForm):
    labels = {"code": "The code in the e-mail"}
    missing = {"code": CODE_MISSING}

    def clean_code(self) -> str:
        try:
            return super().clean_code()
        except ValidationError as error:
            raise ValidationError("That code is not right. Look at the newest e-mail from Keywork") from error


class StillYouForm(PlainFields, account.ReauthenticateForm):
    labels = {"password": "Your password"}
    missing = {"password": "Write your password"}


class _SecondStep(PlainFields):
    """A code of the app, or a longer one of those for the day the phone is lost."""

    missing = {"code": CODE_MISSING}

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # allauth's
        except ValidationError as error:
            is_recovery = len(self.cleaned_data["code"].strip()) == mfa_settings.RECOVERY_CODE_DIGITS
            if error.code == "incorrect_code" and is_recovery:
                raise ValidationError(RECOVERY_WRONG) from error
            raise
        return code


class SecondStepForm(_SecondStep, mfa.AuthenticateForm):
    pass


class StillYouCodeForm(_SecondStep, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(PlainFields, totp.ActivateTOTPForm):
    labels = {"code": "The six digits"}
    missing = {"code": "Write the six digits your app shows"}


class AddPasskeyForm(PlainFields, webauthn.AddWebAuthnForm):
    labels = {"name": "Name of this device", "passwordless": "It lets me in without a password"}
    hints = {"passwordless": ""}
    missing = {"name": "Give it a name"}


class RenamePasskeyForm(PlainFields, webauthn.EditWebAuthnForm):
    labels = {"name": "Name of this device"}
    missing = {"name": "Give it a name"}
