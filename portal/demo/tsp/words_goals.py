"""Goals as students say them, with the five levels that were written before the work began.

Each describes one behaviour that someone could count without being told the answer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal: its area, the statement it grows from, their words, why, five levels (−2 to +2), measure, support.

    `towards` are pieces of the wording of outcomes it serves (portal.demo.plans).
    """

    area: str
    statement: str
    words: str
    why: str
    levels: tuple[str, str, str, str, str]
    measure: str
    support: str
    towards: tuple[str, ...]


AIMS: tuple[Aim, ...] = (
    Aim(
        "sensory-wellbeing",
        "sens-busy-places",
        "I want to eat lunch in the hall some days.",
        "Everyone talks about what happened at lunch and I don’t know what they mean.",
        (
            "Lunch alone in the library",
            "In the corridor with {kw}",
            "Two days a week, for 15 minutes",
            "Three days, whole lunch",
            "Most days, with friends",
        ),
        "Days and minutes in the hall each week, noted by the lunch team",
        "A seat by the door kept free, the menu the evening before, and a way out that needs no words.",
        ("dining hall", "café or canteen", "busy places", "break or lunch"),
    ),
    Aim(
        "communicating",
        "comm-ask-help",
        "I want people to know I’m stuck before I get cross.",
        "I hate it when I rip my work.",
        (
            "Leaves the room or tears the work, most lessons",
            "Shows the card when an adult asks “card?”",
            "Shows the card by {him}self in three lessons of five",
            "Shows the card by {him}self in every lesson of a day",
            "Says “I’m stuck” in words, in most lessons",
        ),
        "Lessons in which the card was shown first, from the class tally, Monday to Friday",
        "The same card in every room; whoever sees it comes within a minute.",
        ("ask an adult for help", "ask for help in", "has not understood"),
    ),
    Aim(
        "flexibility",
        "flex-surprise-change",
        "I want surprises to be less bad.",
        "Mum worries when the taxi is different.",
        (
            "Refuses the day when something unplanned happens",
            "Joins in again after an hour, with an adult",
            "Joins in again within twenty minutes, using the plan B card",
            "Uses the plan B card without being handed it",
            "Makes a new plan and tells us what it is",
        ),
        "Minutes until back in the day, for each unplanned change; noted by whoever is there",
        "A plan B card in the bag; adults say what is the same before they say what is different.",
        ("early signs", "strategies before", "travel a known route"),
    ),
    Aim(
        "relationships",
        "rel-peer-time",
        "I’d like someone to sit with at break.",
        "Break is long when you are by yourself.",
        (
            "Break alone in the corridor every day",
            "Beside others with an adult, once a week",
            "With one other person on two breaks a week, adult nearby",
            "With others on three breaks a week, no adult needed",
            "Asked somebody to join in, twice in a week",
        ),
        "Breaks spent with another student, counted by the duty team for two weeks",
        "A card game set out on Tuesdays and Thursdays; {kw} plays the first round and leaves.",
        ("conversation of several turns", "keep up conversations", "spend break or lunch", "belong to a club"),
    ),
    Aim(
        "emotional-regulation",
        "emo-use-strategy",
        "I want to use my wall thing before I shout.",
        "Shouting makes my head hurt and people look at me.",
        (
            "Shouting first, every time, and no strategy after",
            "Uses a strategy afterwards, when an adult starts it",
            "Uses one before shouting, when an adult points to the map, half the time",
            "Uses one before shouting without being shown, half the time",
            "Uses one before shouting nearly every time, and tells us",
        ),
        "What came first, in each incident of the week; class log",
        "Practise against the wall on calm mornings; point, do not talk.",
        ("early signs", "strategies before"),
    ),
    Aim(
        "engagement",
        "eng-get-started",
        "I want to start without somebody standing next to me.",
        "I’m not little.",
        (
            "Not begun after fifteen minutes, most lessons",
            "Begins within ten minutes with an adult beside {him}",
            "Begins within five minutes with a first step on a note",
            "Begins within five minutes from the board",
            "Begins at once and helps somebody else begin",
        ),
        "Minutes to the first line in English and maths, from the teacher’s clock",
        "First step on a sticky note; the adult walks away and comes back at five minutes.",
        ("begin a task", "plan and finish"),
    ),
    Aim(
        "identity-advocacy",
        "ident-ask-adjustment",
        "I want to tell new teachers what helps without {kw} doing it.",
        "I’m the one who knows.",
        (
            "Says nothing and leaves when it is wrong",
            "Nods while {kw} explains",
            "Hands over the card with what helps, to one new adult",
            "Says one thing that helps, to two new adults",
            "Asks for something not on the card, in the moment",
        ),
        "What {n} told each new adult, as they report it",
        "Write the card together; new adults ask “anything I should know?” and wait.",
        ("not understood", "own view at every review", "one part of every review"),
    ),
    Aim(
        "repair-community",
        "rep-put-right",
        "When I fall out with someone I want to fix it the same day.",
        "It goes round my head all night.",
        (
            "Will not be in the same room the next day",
            "Comes to a talk two days later, and listens",
            "Comes to a talk the next day and says one thing",
            "Comes the same day and says {his} own part",
            "Puts it right without an adult, the same day",
        ),
        "Time from each falling-out to a talk or an act of repair; class and house log",
        "Offer drawing first; nobody has to say sorry out loud.",
        ("come back to a conversation", "put things right"),
    ),
    Aim(
        "social-understanding",
        "soc-joking-unkind",
        "I want to know when people are joking.",
        "I hit someone who was only joking.",
        (
            "Pushes back at most teasing, without asking",
            "Walks off and asks an adult later",
            "Asks “joke?” in half of the times it is noticed",
            "Asks “joke?” nearly every time",
            "Jokes back, kindly, and it is taken as one",
        ),
        "What happened next each time teasing was seen at break; duty team",
        "The signal with two fingers, agreed with the class.",
        ("misunderstanding", "conversation of several turns", "put things right"),
    ),
    Aim(
        "engagement",
        "eng-keep-going",
        "I want to finish things.",
        "I’ve got eleven half models.",
        (
            "Leaves a task at the first hard part",
            "Stays two more minutes with an adult",
            "Takes a break and comes back to it the same day",
            "Takes a break and finishes the same day, most days",
            "Plans a piece over a week and finishes it",
        ),
        "Tasks finished out of tasks begun, in workshop and English",
        "Break agreed before it begins; the work stays out on the table.",
        ("plan and finish", "begin a task", "accredited course", "Level 1 course"),
    ),
    Aim(
        "communicating",
        "comm-give-view",
        "I want to say something in class council.",
        "I’ve got ideas but they go before I say them.",
        (
            "Leaves when it is {his} turn",
            "Votes with a card",
            "Says or shows one idea a month, written down before",
            "Says one idea at every council",
            "Brings an idea and answers a question about it",
        ),
        "Minutes of class council, every second Friday",
        "Agenda on Wednesday; a slip to write on; {n}’s turn is third.",
        ("own view at every review", "one part of every review", "follow an instruction"),
    ),
    Aim(
        "sensory-wellbeing",
        "sens-use-adjustments",
        "I want to take my break before I explode.",
        "The explosion is the bit I hate.",
        (
            "No break used; leaves the lesson upset",
            "Takes a break when told to",
            "Asks for a break in two lessons of five and comes back in ten minutes",
            "Asks in four lessons of five and comes back in ten minutes",
            "Plans the breaks for the day and keeps to them",
        ),
        "Breaks asked for and minutes away, on the card inside the door",
        "Card inside every door; no questions on the way out.",
        ("sensory break", "busy places", "early signs"),
    ),
    Aim(
        "repair-community",
        "rep-take-role",
        "I want a proper job in school.",
        "Like the hens. Someone should count the eggs.",
        (
            "No job",
            "Does the job with an adult, when reminded",
            "Does the job twice a week with a list",
            "Does it every day of the week with a list",
            "Does it every day and teaches somebody else",
        ),
        "Days done, on the chart by the hen house",
        "A list with pictures; the chart is {n}’s to fill in.",
        ("accredited course", "Level 1 course", "belong to a club", "nine days out of ten"),
    ),
    Aim(
        "flexibility",
        "flex-try-new",
        "I want to try three new foods I choose.",
        "I want to go to the café on the trip.",
        (
            "Leaves the table when something new is on it",
            "Stays with something new on the table",
            "Tries one new food with a spoon of {his} own",
            "Tries two",
            "Tries three and orders one out",
        ),
        "Foods tried, from {n}’s own list in the kitchen",
        "No praise at the table; {n} decides the day.",
        ("dining hall", "café or canteen"),
    ),
    Aim(
        "relationships",
        "rel-trusted-adult",
        "I want someone to go to when {kw} isn’t in.",
        "Wednesdays.",
        (
            "Waits in the corridor until the next day",
            "Goes with {kw} to meet one other adult",
            "Goes to one other adult with a small thing",
            "Goes to one other adult with a real worry",
            "Knows two, and chooses between them",
        ),
        "Who {n} went to on days without {kw}; house and class log",
        "Tea with the second person on Mondays, {kw} there at first.",
        ("two adults in school", "tell an adult"),
    ),
    Aim(
        "emotional-regulation",
        "emo-recover",
        "I want to get back to lessons faster.",
        "I miss the good part.",
        (
            "Out for the rest of the day",
            "Back by the next lesson, with an adult",
            "Back within twenty minutes, adult at the door",
            "Back within ten minutes",
            "Back within ten minutes and says so to the teacher",
        ),
        "Minutes out after each upset, class log",
        "The same chair kept; nobody mentions it.",
        ("sensory break", "strategies before", "nine days out of ten"),
    ),
)  # fmt: skip

SCORED: dict[int, tuple[str, ...]] = {
    -2: (
        "Seen once in the last two weeks, on a very good day. It has gone back since the change.",
        "Not seen in the weeks we counted. {n} says it is too soon.",
    ),
    -1: (
        "Much as at the start: with an adult, on calm days.",
        "Two examples in three weeks, both with {kw}.",
    ),
    0: (
        "Counted for two weeks: met in both.",
        "Three adults saw it, in two places. {n} agreed with the score.",
        "From the class tally: just what we had hoped for.",
    ),
    1: (
        "More than we expected, since the middle of the term.",
        "The tally shows it nearly every day. {n} wants to keep the card anyway.",
    ),
    2: (
        "Seen at school and at home, without help, for four weeks.",
        "{n} now shows somebody else how to do it.",
    ),
}
PARTIAL = "Not there yet, and more often than at the start: four times in the last two weeks."
SECOND = "Counted separately for a week by someone who does not teach {n}."
WITHDRAWN = (
    "{n} no longer wants this and has chosen another.",
    "It turned out that {n} could do this already, at home.",
    "We had misread what {n} meant. Began again with new words.",
)
CHANGED = "Three days a week came too soon after the change of room; the steps were made smaller with {n}."
SENT_BACK = (
    "Level +1 and +2 read alike to me. Could +2 say where and with whom? The rest is clear.",
    "I could not tell −1 from 0 without asking you. How many days is “sometimes”?",
)
JUDGED: dict[str, tuple[str, ...]] = {
    "achieved": ("Seen for a whole term in three places, home among them. Bring it to the review.",),
    "on_track": (
        "The goal that grows from it is at the expected level, and teachers say the same.",
        "Two examples from lessons and one from home since the last review.",
    ),
    "some": (
        "With familiar adults, yes. Not yet with others.",
        "Some weeks yes and some no; the trend is up.",
    ),
    "not_yet": (
        "We have worked on other things first, as agreed with home.",
        "Hard this term; see the context in the review.",
    ),
    "not_right": ("{n} travels by {him}self now. The outcome asks for less than {n} can do.",),
}
