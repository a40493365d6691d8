"""The ways of a contact, a row each: what it is called, and the words for home (reading age 11). Pure."""

from typing import NamedTuple


class Channel(NamedTuple):
    """`left`: with a message left in that way. `sent`: what is written, "" where one speaks."""

    noun: str
    icon: str
    by: str
    left: str
    sent: str = ""


CHANNELS = {
    "phone": Channel("phone call", "phone", "by phone", "left you a message by phone"),
    "text": Channel("text", "chat-bubble-left-right", "by text", "sent you a text", "a text"),
    "email": Channel("e-mail", "envelope", "by e-mail", "sent you an e-mail", "an e-mail"),
    "meeting": Channel("meeting", "user-group", "in person", "left you a message"),
    "video": Channel("video call", "video-camera", "by video", "left you a message"),
    "letter": Channel("letter", "envelope", "by letter", "sent you a letter", "a letter"),
    "planner": Channel(
        "planner note", "book-open", "in the planner", "wrote to you in the planner", "a note in the planner"
    ),
    "postcard": Channel("postcard", "envelope", "by postcard", "sent you a postcard", "a postcard"),
    "message": Channel(
        "message in Keywork", "chat-bubble-left-right", "by message", "sent you a message", "a message"
    ),
}
