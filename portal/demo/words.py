"""What keyworkers write: notes put together from many short sentences, each true of what it is filed under.

Placeholders: {n} the student; {he} {He} {him} {his} {His} {was} by their pronouns; {h} the adult at home;
{it} what the student likes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import lru_cache

PRONOUNS: Mapping[str, Mapping[str, str]] = {
    "F": {"he": "she", "He": "She", "him": "her", "his": "her", "His": "Her", "was": "was"},
    "M": {"he": "he", "He": "He", "him": "him", "his": "his", "His": "His", "was": "was"},
    "T": {"he": "they", "He": "They", "him": "them", "his": "their", "His": "Their", "was": "were"},
}

OPENINGS: Mapping[str, tuple[str, ...]] = {
    "spoke": (
        "Spoke with {h}.",
        "A good talk with {h}.",
        "Caught {h} between shifts.",
        "{h} had time for a proper talk today.",
        "Short call; {h} was on the way to work.",
        "{h} picked up straight away.",
        "Rang {h} as agreed last time.",
        "{h} was glad to hear something good.",
        "Spoke with {h} in the car park at collection time, then rang to finish.",
        "{h} asked first how {n} had slept.",
        "Ten minutes with {h}.",
    ),
    "replied": (
        "{h} wrote back within the hour.",
        "{h} answered with a thumbs up and a question.",
        "Sent {h} a short update; a warm reply came.",
        "{h} replied in the evening.",
        "Wrote to {h}; {n} had already told home about it.",
    ),
    "message": (
        "Sent {h} a short update.",
        "Wrote to {h} with this week’s news.",
        "A few lines to {h}, no answer needed.",
        "Sent {h} a photo of the work and two lines.",
    ),
    "meeting": (
        "{h} came in.",
        "Met {h} in the garden room.",
        "{h} came to the coffee morning and stayed to talk.",
    ),
    "in": (
        "{h} got in touch.",
        "{h} rang the office and asked for me.",
        "{h} wrote to ask how things were going.",
        "{h} rang with good news.",
        "{h} wanted to let us know about the weekend.",
    ),
}

ABOUT: Mapping[str, tuple[str, ...]] = {
    "attendance": (
        "{n} has been in every day since we last spoke.",
        "Two late starts after poor sleep; {he} settled quickly both times.",
        "Mornings are easier since the visual timetable went up by the door.",
        "{He} missed a day with a cold and {was} glad to be back.",
        "Mondays are still the hardest. We agreed a quiet start in room 4.",
        "{n} came in on {his} own today, for the first time.",
        "A full week, which {n} pointed out {him}self.",
        "The journey in is calmer since the seat by the window was kept for {him}.",
        "{n} was early three days running and helped put out the chairs.",
        "A day off for the optician; otherwise {n} was in all week.",
        "{n} said the taxi is better now that the radio is off.",
        "After the long weekend {he} found the first morning hard, and stayed.",
        "{n} has chosen who meets {him} at the gate.",
        "{n} slept in on Thursday and rang the school {him}self.",
    ),
    "engagement": (
        "{n} stayed for the whole of maths on three days.",
        "{His} English folder is nearly full and {he} showed it round.",
        "{n} chose {it} twice this week and led a small group.",
        "{He} asked for help before leaving the room, every time but one.",
        "Science went well once {he} could stand to work.",
        "{n} read aloud to two others, which surprised us all.",
        "Starting work is still slow; a first step on a sticky note helps.",
        "{n} finished a piece of work over two days and came back to it by choice.",
        "{n} wrote half a page without a scribe.",
        "{n} explained fractions to somebody else, with biscuits.",
        "{He} used the timer by choice and beat it twice.",
        "{n} wants to enter the poster competition.",
        "In history {n} asked the question everyone else wanted to ask.",
        "Group work is easier in threes; {n} said so {him}self.",
    ),
    "social_progress": (
        "{n} told a friend “I need a minute” and came back by {him}self.",
        "{He} waited for a turn at the table without being asked.",
        "{n} said sorry the same day, in {his} own words.",
        "{He} asked to sit with two others at lunch.",
        "{n} noticed somebody was left out and moved up.",
        "An argument at break ended with both of them walking away. A year ago it would not have.",
        "{n} showed a new student how the library works. Nobody asked {him} to.",
        "Waiting is still hard when plans change; we will show changes the day before.",
        "{n} lent {his} best pencils and got them back.",
        "{n} and a friend planned a game with rules they both kept.",
        "{He} told the supply teacher {his} name and what helps.",
        "{n} laughed at {him}self when the tower fell.",
        "It took {n} ten minutes to come back after a row; in September it took the afternoon.",
        "{n} asked “are you all right?” and waited for the answer.",
    ),
    "health": (
        "Sleep is better since screens stay downstairs.",
        "{n} tried two new foods at lunch.",
        "New glasses came and {he} wears them.",
        "{h} will send the letter from the clinic.",
        "{He} has been drinking more water and has had fewer headaches.",
        "The ear defenders make the dining hall possible.",
        "The dentist went well, with {n} in charge of when to stop.",
        "{n} was tired this week and went to bed early twice, by choice.",
        "{h} says the new medicine time suits everyone better.",
        "{n} swam a full length.",
        "{n} asked the nurse {his} own questions.",
    ),
    "going_well": (
        "{n} is proud of what {he} did in {it}.",
        "{He} laughed a lot on Thursday’s walk.",
        "Staff in the house say {n} is good company.",
        "{n} made tea for everyone after {it}.",
        "{He} earned the trip and chose who to sit with.",
        "{n} was thanked in assembly and stayed in the room for it.",
        "{He} told {h} about it before we could.",
        "{n} helped carry the chairs without being asked.",
        "{n} planted the beans and checks them before lessons.",
        "{n} read to the youngest group.",
        "{n} stayed for the whole concert, with {his} ear defenders on.",
        "A certificate for kindness; it is on the fridge already, says {h}.",
        "{n} chose {it} for {his} free afternoon and stayed to tidy up.",
        "{n} made everybody laugh at lunch, kindly.",
    ),
    "follow_up": (
        "{h} would like to know how mornings go next week.",
        "We will ask the kitchen about the packed lunch.",
        "{h} asked about the new minibus; I will find out who drives.",
        "I will send the dates of the open afternoon.",
        "{h} would rather be texted this month; noted.",
        "We will look for the lost coat.",
        "I said I would ring again after the visit.",
        "{h} asked whether {n} could try {it} on Wednesdays.",
        "{h} will let me know about the swimming kit.",
        "We agreed to look at homework again in two weeks.",
        "{h} wants to come and see {it} one afternoon; I will find a day.",
        "I will ask the nurse to ring {h}.",
        "{h} will send a photo of the chart they use at home.",
    ),
}

ENDINGS = (
    "",
    "",
    "",
    "{h} sounded pleased.",
    "Nothing worries {h} at present.",
    "We will speak again in a fortnight.",
    "{h} knows where to find me.",
    "{n} knows we spoke.",
    "{h} thanked the house team.",
)

TRIES: Mapping[str, tuple[str, ...]] = {
    "no_answer": (
        "No answer.",
        "Rang out. Will try again tomorrow.",
        "No answer, twice. {h} may be at work.",
        "Rang at the time agreed; no answer.",
    ),
    "message": (
        "Left a message asking {h} to ring back or text a good time.",
        "Left a short message: nothing wrong, just news.",
        "Message left with my direct number.",
    ),
    "failed": (
        "The text did not go through; checking the number with the office.",
        "Text not delivered; the office will ask for a newer number.",
    ),
}

SESSION: Mapping[str, tuple[str, ...]] = {
    "attendance": (
        "{n} knew {his} own figure for attendance and was pleased with it.",
        "We looked at the two missed days together; both were the minibus.",
        "{He} says Mondays feel better with a quiet start.",
        "{n} set out what would make Fridays easier.",
        "Every day this half-term so far, and {he} knows it.",
        "{n} had marked {his} good days on the calendar in green.",
        "{n} thinks one late start a week is fair; we talked about getting to none.",
        "{n} said coming back after being ill was easier than {he} feared.",
        "We counted: two days more than last half-term.",
    ),
    "engagement": (
        "{He} picked {it} as the lesson where time goes fastest.",
        "{n} says maths is “fine if nobody rushes me”.",
        "We went through the week’s lessons with the colour cards: four green, one amber.",
        "{n} brought a drawing to show how science felt.",
        "{He} wants a seat further from the door in English.",
        "{n} can now say which kind of help {he} wants: a start, a check, or space.",
        "{n} was stuck in science and asked for the first step only.",
        "{n} has two pieces of work to show at the open afternoon.",
        "“I like it when I know what finished looks like.”",
        "{He} would like more {it} and fewer worksheets.",
    ),
    "social_progress": (
        "“I’m getting better at saying it without shouting.”",
        "{n} talked through Tuesday’s argument and what {he} would do next time.",
        "{He} could name two people to go to.",
        "{n} has asked one person to play at break each week, and did.",
        "We practised saying “not now, later”.",
        "{n} thought of three ways to leave an argument and has tried two.",
        "{He} told me about sticking up for someone at lunch.",
        "{n} says the quiet table helps {him} listen.",
        "“I said sorry first. It was not even all my fault.”",
        "We drew the circle of people {n} trusts; it has two more than in September.",
    ),
    "points": (
        "{n} is six points from {his} next reward and has chosen it: {it}.",
        "Points went up every week but one; {n} could say which and why.",
        "{n} gave back two points {he} thought {he} had not earned.",
    ),
    "feelings": (
        "{n} marked the week as “mostly okay, a bit tired”.",
        "{He} said {he} {was} worried about the visit and we made a plan on a card.",
        "The card today was “calm”, and {n} said why.",
        "{n} was cross about the change of room and could laugh about it by the end.",
    ),
    "friends": (
        "{n} talked about a new friend from the house.",
        "{He} would like to invite a friend for tea.",
        "{n} and a friend are building something for {it}.",
        "{n} is learning when to leave a joke.",
    ),
    "goals": (
        "{n} moved {his} own marker up by one on the goal about asking for help.",
        "We chose a smaller first step for the goal.",
        "{n} reached the middle of the scale and wants to stay there a while.",
        "{n} showed me one thing {he} can do now and could not in September.",
    ),
    "home": (
        "{He} is looking forward to the weekend with {h}.",
        "{n} asked me to tell home about {it}.",
        "{n} told me about cooking with {h} at the weekend.",
        "{n} would like the weekend to have a plan on paper.",
    ),
}

AGREED = (
    "Quiet start on Mondays, until half-term.",
    "{n} will show the card when it is too loud.",
    "Ask first before moving {his} things.",
    "Five minutes of {it} after the hardest lesson.",
    "I will talk to the maths teacher about the seat.",
    "Same time next half-term, in the garden room.",
    "{n} will tell {h} about the trip; I will not.",
    "One new thing at lunch each week, {his} choice.",
    "We will write the week’s changes on the board on Friday.",
)
NOT_HELD: Mapping[str, tuple[str, ...]] = {
    "declined": (
        "{n} said not now. That is fine; I will ask again.",
        "Asked twice today; {n} would rather not this time.",
        "“Not this half-term, thanks.”",
    ),
    "cancelled": (
        "I was needed elsewhere and said so to {n}.",
        "Fire practice. We will find another time.",
        "{n}’s taxi came early.",
    ),
    "no_show": (
        "{n} did not come; found {him} happy in the garden.",
        "{n} forgot and was sorry.",
        "Waited ten minutes; {n} was at the music lesson.",
    ),
}
RESTRICTED = (
    "{h} told me about a change at home that {n} does not know of yet. Please leave it to {h} to tell {him}.",
    "{n} asked that only the closest few know about the visit to the hospital.",
    "{h} shared something private about the family’s money. No action wanted; be kind about trip letters.",
)
SAFEGUARDING = (
    "{n} said something that worried me. Told Harriet the same day, in person; she has it from here.",
    "A remark at lunch passed on to Harriet straight away, in {his} words.",
)
VOIDED = (
    "Logged for the wrong student.",
    "Logged twice.",
    "It was the day before: logged again with the right date.",
)
LATE_REASON = (
    "Checked against the phone log.",
    "The family confirms the call.",
    "Written on paper during the network fault.",
)
SIBLING = "We spoke about {other} as well."

MORE_FOR_HOME = (
    "",
    "",
    "",
    " Thank you for your time.",
    " Please ring if anything changes.",
    " We will speak again in two weeks.",
)
_PRONOUN = re.compile(r"\{([Hh]e|him|[Hh]is)\}(self)?")
# What may be told to home word for word: it names nobody but the student.
GOOD_NEWS = ("going_well", "social_progress", "engagement", "attendance")


def words_for(student_name: str, sex: str, pronouns: str, interest: str, home: str) -> dict[str, str]:
    """The values of the placeholders for one student and one adult."""
    key = "T" if pronouns.startswith("They") else sex
    return {**PRONOUNS[key], "n": student_name, "h": home, "it": interest}


def fill(text: str, words: Mapping[str, str]) -> str:
    return (
        text.format_map(words).replace("themself", "themselves").replace("hisself", "himself")
        if "{" in text
        else text
    )


@lru_cache(maxsize=1024)
def _named(text: str) -> str:
    """The text with its first pronoun made a name, unless the name comes first."""
    found = _PRONOUN.search(text)
    if found is None or (0 <= text.find("{n}") < found.start()):
        return text
    name = "{n}’s" if found[1].lower() == "his" else "{n}"
    return text[: found.start()] + name + text[found.end() :]


def _joined(parts: list[str]) -> str:
    """Sentences in a row: a pronoun never follows somebody else's name, nor opens the note."""
    told = before = ""
    for part in parts:
        if part:
            said = _named(part) if not told or "{h}" in before else part
            told = f"{told} {said}" if told else said
            before = part
    return told


def contact_note(
    rng: random.Random, how: str, topics: list[str], words: Mapping[str, str], length: float
) -> tuple[str, str]:
    """A contact that reached somebody, and the part of it home may see word for word ("" if none).

    `how` is a key of OPENINGS, `length` 0 to 1 how likely a closing sentence is.
    """
    about = [rng.choice(ABOUT[topic]) for topic in topics]
    closing = rng.choice(ENDINGS) if rng.random() < length else ""
    news = next(
        (text for topic, text in zip(topics, about, strict=True) if topic in GOOD_NEWS and "{h}" not in text),
        "",
    )
    return fill(_joined([rng.choice(OPENINGS[how]), *about, closing]), words), fill(_named(news), words)


def session_note(rng: random.Random, topics: list[str], words: Mapping[str, str]) -> str:
    """What was talked about, a sentence for each topic."""
    return fill(_joined([rng.choice(SESSION[topic]) for topic in topics]), words)


def one_of(rng: random.Random, texts: tuple[str, ...], words: Mapping[str, str]) -> str:
    return fill(rng.choice(texts), words)
