"""What is said of somebody's own sign-in, by the names allauth has for it: on the next page, and by mail."""

from __future__ import annotations

# By the template allauth would draw; `{recipient}` is where a code goes.
MESSAGES = {
    "account/messages/logged_in.txt": "",
    "account/messages/logged_out.txt": "You are signed out. Drafts are kept.",
    "account/messages/login_code_sent.txt": "If {recipient} is the address of your account, a code is on its way.",
    "account/messages/password_changed.txt": "Your password is changed. Use the new one from now on.",
    "account/messages/password_set.txt": "Your password is set. Use it from now on.",
    "mfa/messages/recovery_codes_generated.txt": "Here are your recovery codes. Only these work from now on.",
    "mfa/messages/totp_activated.txt": "The app is set up. We ask for its code when you sign in.",
    "mfa/messages/totp_deactivated.txt": "The app is not used any more.",
    "mfa/messages/webauthn_added.txt": "Your passkey is ready. Use it next time you sign in.",
    "mfa/messages/webauthn_removed.txt": "That passkey does not work any more.",
}

# The subject of a mail, and its first sentence (account/email/notification.txt has the rest).
NOTIFICATIONS = {
    "account.password_changed": (
        "Your Keywork password was changed",
        "The password of your Keywork account was changed.",
    ),
    "account.password_reset": (
        "Your Keywork password was changed",
        "A new password was chosen for your Keywork account.",
    ),
    "account.password_set": (
        "Your Keywork password was chosen",
        "A password was chosen for your Keywork account.",
    ),
    "mfa.recovery_codes_generated": (
        "New recovery codes were made",
        "New recovery codes were made for your Keywork account. The old ones no longer work.",
    ),
    "mfa.totp_activated": (
        "Your second step was set up",
        "An app was set up as the second step when you sign in to Keywork.",
    ),
    "mfa.totp_deactivated": (
        "A second step was removed",
        "The app that was the second step when you sign in to Keywork was removed.",
    ),
    "mfa.webauthn_added": ("A passkey was added", "A passkey was added to your Keywork account."),
    "mfa.webauthn_removed": ("A passkey was removed", "A passkey was removed from your Keywork account."),
}
