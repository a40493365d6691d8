"""What students, families and staff say on the soft tools. Placeholders: see words_examples; {kw} the keyworker's
first name, {h} the adult at home. Students and parents speak in the first person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VOICE: Mapping[str, tuple[str, ...]] = {
    "going-well": (
        "I like {it}. I’m good at it now.",
        "Lunch is OK because I know where I sit.",
        "{kw} listens and doesn’t go on about it.",
        "Science. We blew up a bin (on purpose).",
        "I’ve got two friends this term. One is new.",
        "Nobody rushes me in the mornings any more.",
        "The hens know me.",
        "I can walk to the shop with one adult now.",
        "Maths on the computer. Not maths on paper.",
        "Swimming. I did eight lengths.",
        "Being in the quiet group for English.",
        "My room in the house. I put the map up.",
        "Making soup on Wednesdays.",
        "I didn’t need my break on Thursday.",
        "Art, because it’s never wrong.",
        "The new bus driver puts the radio off for me.",
    ),
    "find-hard": (
        "When people shout even if it’s not at me.",
        "Not knowing who is teaching us.",
        "Writing. My hand gets tired before my head does.",
        "The bell.",
        "When a joke goes on too long.",
        "Sunday evenings.",
        "Starting. Once I’ve started I’m fine.",
        "When someone sits in my place and says it isn’t mine.",
        "Group work with people who don’t do any.",
        "Being watched.",
        "Going back in after I’ve been upset.",
        "PE changing rooms. It’s the smell and the noise.",
        "Saying what I want when I’m asked quickly.",
        "Corridors.",
    ),
    "people-who-help": (
        "{kw}. We walk round the field and I can say anything.",
        "My gran, on the phone. She just says mm.",
        "The dinner lady with the green glasses. She knows what I eat.",
        "{h}, because {h} writes things down.",
        "The librarian. I sort the books and she leaves me alone.",
        "My friend from the house. We don’t have to talk.",
        "{kw} tells me the day before.",
        "The taxi driver. He likes trains too.",
        "Nobody has to help, they just have to wait.",
        "Miss who does art, and the dog.",
    ),
    "want-to-change": (
        "A later start on Mondays.",
        "Somewhere to go at break that isn’t outside.",
        "Fewer worksheets.",
        "I’d like to be told who’s in the car before it comes.",
        "Lunch in two goes so it’s not so full.",
        "I want to choose my own seat.",
        "That people stop saying calm down.",
        "More {it}.",
        "The lights in the hall.",
        "I’d like to do my own part at the meeting and then go.",
        "Nothing, it’s fine.",
    ),
    "proud-of": (
        "I stayed the whole day on the trip.",
        "I told {kw} before it went wrong.",
        "My painting is by the front door.",
        "I read out loud. Two sentences, but I did.",
        "I said sorry and I meant it.",
        "I learned to make bread and {h} ate it.",
        "I got the certificate for helping the little ones.",
        "I finished the model. It took nine weeks.",
        "I went to my cousin’s party for an hour.",
        "I rang the dentist myself.",
    ),
    "hopes": (
        "To sleep in the house one night. Later I want to work with {it}.",
        "To have lunch in the hall. Later: my own flat with a cat.",
        "I hope the new class is nice. When I’m older I want to fix buses.",
        "I want to go to college where my sister goes.",
        "A job outside. Not in an office.",
        "I’d like a friend to come round. Later I want to be a chef.",
        "To get better at stopping. I don’t know about later.",
        "To go on the train by myself.",
        "Learn to drive. Live near Mum but not with Mum.",
    ),
}  # fmt: skip
DECLINED: Mapping[str, tuple[str, ...]] = {
    "student-voice": ("Not today. Ask me after the trip.", "I already told you everything.", "No thanks."),
    "social-circle-map": (
        "I’d rather do this later.",
        "People are private.",
        "Not with the door open. Another day.",
    ),
    "strengths-interests": ("Next week.", "Same as last time."),
    "parent-conversation": ("Not this week; {h} has asked for a call after half-term.",),
}

PARENT: Mapping[str, tuple[str, ...]] = {
    "home-going-well": (
        "Mornings. We have not had a shouting one for weeks.",
        "{n} and {his} sister can be in one room with the television on.",
        "{n} cooks with me on Sundays and washes up without being asked, nearly.",
        "Bedtime. The list works and we have stopped talking about it.",
        "We went to the cinema, the quiet showing, and stayed to the end.",
        "{n} tells me about the day before I ask.",
        "Homework is no longer a fight because there is less of it.",
        "My mother looked after {him} for a whole evening.",
        "{n} walks the dog with me and does the talking.",
        "Haircut. Enough said. Thank you for the practice.",
        "We had people round and {n} showed them the garden.",
    ),
    "home-worries": (
        "Sleep. It goes in waves and we are in one.",
        "I start nights next month and somebody else will be at home in the mornings.",
        "{n} worries about moving up. It comes out as anger on Sundays.",
        "Eating has narrowed again, to about six things.",
        "We may have to move. Please do not mention it yet; I will tell {him}.",
        "There is a boy online I do not know anything about.",
        "Grandad is not well and they are close.",
        "Nothing at the moment, which is new.",
        "The holidays feel long.",
    ),
    "progress-seen": (
        "Says “give me a minute”, goes upstairs, and comes down again. That is new.",
        "Asked the neighbour’s boy to play. I nearly fell over.",
        "Told me what was wrong instead of showing me.",
        "Waits while I finish on the phone, most of the time.",
        "Thanked my sister without being told.",
        "Went into the shop alone with the list, and came out with change.",
        "Laughs at {him}self now and then.",
        "Sat through a birthday tea.",
        "Rang me from school when {he} {was} worried, rather than saving it up.",
    ),
    "aspirations": (
        "That {n} has people of {his} own, not only us.",
        "A job with a kind boss. It hardly matters what.",
        "To live in a small place near us and come for Sunday lunch.",
        "That {n} likes {him}self as much as we do.",
        "College, if it can be the small one.",
        "That {he} can tell a stranger what helps.",
        "To travel by {him}self. I was told it would not happen.",
    ),
    "contact-preference": (
        "Text, any time; I answer on my break at half past ten",
        "Ring after four",
        "E-mail. I like to read things twice",
        "Phone on Friday afternoons, so that the weekend starts well",
        "A note in the bag and a call if it matters",
    ),
}  # fmt: skip
AGREED: tuple[tuple[str, str], ...] = (
    ("Same three steps for leaving the house, on paper, at both ends", "home and {kw}"),
    ("Send the list of foods to the kitchen", "home"),
    ("Tell home on Friday what changes next week", "{kw}"),
    ("Try the swimming club once, with a friend", "home"),
    ("Ask the nurse about sleep", "{kw}"),
    ("A short call after the review", "{kw}"),
    ("Photograph the morning chart we use at home", "home"),
)

STRENGTHS = (
    "remembers every route", "kind to small children", "notices what others miss", "very funny",
    "draws from memory", "patient with animals", "honest", "good with tools", "knows a lot about {it}",
    "keeps going outdoors", "fair in games", "sings in tune", "fast at mental sums", "tidy",
    "explains things well", "brave on climbing walls", "never forgets a birthday",
)  # fmt: skip
INTERESTS = (
    "{it}", "trains and timetables", "baking", "frogs", "old maps", "football statistics", "drumming",
    "space", "model making", "weather", "card games", "horses", "buses", "stop-motion films", "the sea",
    "languages", "hens", "volcanoes",
)  # fmt: skip
MOTIVATORS = (
    "knowing what finished looks like", "time with {it} afterwards", "choosing the order",
    "being told quietly that it was good", "working with one other person", "doing it for somebody",
    "a timer I can see", "music while I work", "a job with a name", "being first to try",
)  # fmt: skip
BEST_WAY = (
    "Tell me first, then give me a minute. Don’t ask again straight away.",
    "Show me one. Then go away and come back.",
    "Be funny but not sarcastic. I take it for real.",
    "Give me two choices, not five.",
    "Write it down. If you say it I’ll lose it.",
    "Let me stand up. I’m listening.",
    "Say my name before you say the thing.",
    "Don’t talk to me when my hood is up. Leave a note.",
)
USE_IN_PLAN = (
    "Examples from {it} in maths. A job in the library. {n} shows new students round.",
    "Use maps for anything with steps. Let {n} keep the time on trips.",
    "Goals with a picture of the end. {n} counts and we write it down.",
    "Begin with what {n} knows, and let {him} teach it to one other person.",
)

STAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "calm": {
        "what-you-might-see": (
            "Humming, drawing in the margin, jokes",
            "Sits back, answers in sentences",
            "Moves about but listens",
        ),
        "what-i-feel": ("Fine", "Light", "Like myself"),
        "what-i-can-do": ("Most things", "Work with others", "Try something new"),
        "what-others-should-do": (
            "Enjoy it. Plan the hard things for now",
            "Practise the strategies now",
            "Give me a job",
        ),
        "what-does-not-help": ("Surprises", "Asking if I’m all right every five minutes", "Too much praise"),
    },
    "early_signs": {
        "what-you-might-see": (
            "One leg going, hood up",
            "Asks the same question again",
            "Goes quiet; pen tapping",
            "Talks faster",
        ),
        "what-i-feel": ("Buzzy", "Hot ears", "Tight shoulders", "Like a shaken bottle"),
        "what-i-can-do": (
            "Show the card",
            "Stand at the back",
            "Ear defenders",
            "Ask for the long walk",
        ),
        "what-others-should-do": (
            "Nod. Fewer words. Offer the walk",
            "Give me the next step only",
            "Take away the audience",
        ),
        "what-does-not-help": ("“Calm down”", "Asking why", "Touching my shoulder"),
    },
    "struggling": {
        "what-you-might-see": (
            "Arguing about small things, pushing work away",
            "Under the table or in the doorway",
            "Swearing, not at anyone",
        ),
        "what-i-feel": ("Everything is loud", "Nobody is listening", "I want to run"),
        "what-i-can-do": ("Leave by the side door", "Push the wall", "Squeeze the ball"),
        "what-others-should-do": (
            "One adult, low voice, door open",
            "Say “I’m here” and wait",
            "Move the others, not me",
        ),
        "what-does-not-help": ("A second adult", "Choices", "Talking about what happens later"),
    },
    "crisis": {
        "what-you-might-see": (
            "Shouting, throwing, running",
            "Crying and holding my head",
            "No words at all",
        ),
        "what-i-feel": ("I don’t know", "Scared", "Like it isn’t me"),
        "what-i-can-do": ("Not much. It passes", "Get to the blue room"),
        "what-others-should-do": (
            "Keep everyone safe, say nothing, stay where I can see you",
            "Give space, dim the light",
        ),
        "what-does-not-help": ("Holding me", "Many people", "Lists of rules"),
    },
    "recovery": {
        "what-you-might-see": ("Tired, thirsty, sorry", "Wants to be near somebody and not talk", "Sleeps"),
        "what-i-feel": ("Empty", "Embarrassed", "Tired"),
        "what-i-can-do": ("Drink water", "Draw", "Sit with the dog"),
        "what-others-should-do": (
            "A drink, a blanket, no questions until tomorrow",
            "Tell me I’m not in trouble",
            "Keep my chair",
        ),
        "what-does-not-help": ("Going over it straight away", "Making me say sorry", "Telling the class"),
    },
}
TRIGGERS = (
    "the bell", "supply teachers", "being last", "wet coats smell", "Mondays", "losing a game",
    "people behind me", "changes to the taxi", "being hurried", "the hall at lunch", "tests",
    "somebody crying", "labels in clothes", "Sunday evenings", "being told no without a reason", "balloons",
)  # fmt: skip
SAFE_PLACES = (
    "room 4", "the garden door", "{kw}", "the library corner", "the blue room", "the hens", "the nurse’s sofa",
    "the back seat of the minibus", "the art cupboard", "Dan in the evenings", "the wall by the workshop",
)  # fmt: skip
HOME_STAGES: Mapping[str, Mapping[str, str]] = {
    "early_signs": {
        "what-you-might-see": "Paces between the kitchen and the stairs",
        "what-others-should-do": "We put the kettle on and say nothing",
        "what-does-not-help": "Asking about school",
    },
    "struggling": {
        "what-you-might-see": "Doors. Then very quiet",
        "what-i-can-do": "Goes to the bottom of the garden with the blanket",
        "what-others-should-do": "One of us sits on the back step, not closer",
    },
    "recovery": {
        "what-you-might-see": "Comes in and wants toast",
        "what-others-should-do": "Toast. We talk next day, in the car",
    },
}

CIRCLE: tuple[tuple[str, str, str, str], ...] = (
    ("{h}", "closest", "home", "good"),
    ("Nan", "closest", "her house, Sundays", "good"),
    ("my brother", "closest", "home", "mixed"),
    ("our dog", "closest", "home", "good"),
    ("J.", "friends", "school, break", "good"),
    ("A.", "friends", "the house", "mixed"),
    ("M.", "friends", "art", "good"),
    ("cousin Bea", "friends", "family parties", "good"),
    ("the card game people", "people I do things with", "Tuesdays and Thursdays", "good"),
    ("swimming club", "people I do things with", "the baths", "mixed"),
    ("R. from the bus", "people I do things with", "bus", "worried"),
    ("my class", "people I do things with", "school", "mixed"),
    ("{kw}", "people who are paid to help", "school", "good"),
    ("the taxi driver", "people who are paid to help", "taxi", "good"),
    ("Miss from art", "people who are paid to help", "art room", "good"),
    ("the speech lady", "people who are paid to help", "room 2, Mondays", "mixed"),
)
MORE_OF = (
    "My cousin. He lives far away.",
    "Dad, but just us.",
    "J. outside school.",
    "My old friend from primary.",
    "Nobody, it’s enough.",
)
ONLINE = (
    "Two people in my building game. {h} knows them.",
    "None.",
    "A group about trains. I read and don’t write.",
    "Someone called Fox. I haven’t told anyone my real name.",
)
MISSING = ("Grandad.", "Sam, who left.", "A friend my own age near home.", "")

WORKS = (
    "First step on a note, then walking away for five minutes.",
    "A seat near the door and one warning before we move on.",
    "Asking {n} to show somebody else.",
    "Fewer words. A thumb up does more than a sentence.",
    "Letting {n} stand to write.",
    "Telling {n} on Thursday what Friday looks like.",
    "Humour, once {n} has begun it.",
    "Giving a real job: register, doors, hens.",
    "Pictures of the finished piece on the wall.",
    "Ten minutes of {it} between two hard things.",
    "Working in threes, always the same three.",
)
WORKS_NOT = (
    "Calling across the room.",
    "Long explanations when {n} is already late.",
    "A different seat each lesson.",
    "Taking the break away as a consequence.",
    "Asking in front of the others.",
    "Two adults talking at once.",
    "Timers with a sound.",
    "Leaving the hardest thing to the end.",
)

# Setting of the quick observation by where an example was seen.
OBSERVED_IN: Mapping[str, str] = {
    "lesson": "lesson",
    "social": "social time",
    "keywork": "therapy or mentoring",
    "therapy": "therapy or mentoring",
    "residence": "residence",
    "home": "home",
    "trip": "community or trip",
    "travel": "community or trip",
    "work": "community or trip",
}
SUPPORT = ("none", "reminder", "prompt or choice", "step by step", "full co-regulation")


@dataclass(frozen=True, slots=True)
class Side:
    """One student's record of a conversation. The other is never named: each side is read by its own people."""

    happened: str
    thinking: str
    affected: str
    right: str
    agreed: str


REPAIRS: tuple[tuple[Side, Side], ...] = (
    (
        Side(
            "I was building and the tower got knocked over. I threw a block and it hit someone.",
            "I thought it was on purpose. I’d been at it since Monday.",
            "The other person, and the little ones who saw it.",
            "I’ll check before I throw anything. I want to build it again.",
            "Build it again on Thursday, both, with the plan on paper",
        ),
        Side(
            "I went past and the tower fell. Then a block hit my arm.",
            "It hurt and I didn’t understand why. I hadn’t seen the tower.",
            "Me. My arm’s fine.",
            "I’d like someone to say they know I didn’t mean it.",
            "Help to build it again on Thursday, if I still want to",
        ),
    ),
    (
        Side(
            "There was a joke about my shoes and I shouted and left the bus.",
            "Everybody laughed so I thought everybody meant it.",
            "The driver, because he had to stop. Me.",
            "I’ll say “joke?” first. I want my seat back.",
            "Same seat on Monday; the signal if it starts again",
        ),
        Side(
            "I made a joke on the bus and it went wrong.",
            "I wanted people to laugh. I didn’t think about the shoes being new.",
            "The person with the shoes, and everyone was late.",
            "I’ll say it to their face, that they’re good shoes.",
            "Say so on Monday, and no jokes about clothes",
        ),
    ),
    (
        Side(
            "I took the ball because it was my turn, and then we were both on the ground.",
            "I was thinking it’s not fair, it’s never my turn.",
            "The teams. They stopped playing.",
            "Turns on the board so nobody has to say it.",
            "Write the turns up before the game, for two weeks",
        ),
        Side(
            "My ball was taken and I pulled. We fell over.",
            "I was already angry from maths.",
            "Me, and the others had to go in.",
            "If I’ve had a bad lesson I’ll say so before we play.",
            "Tell the duty adult “bad lesson” at the door",
        ),
    ),
    (
        Side(
            "I sent a message late at night that wasn’t kind.",
            "I was tired and I’d heard something. It turned out not to be true.",
            "The person who got it. Their mum.",
            "I’ve deleted it and I want to say so myself.",
            "Say so in the garden room; phone in the office at nine",
        ),
        Side(
            "I got a message that upset me and I didn’t want to come in.",
            "I thought everyone had seen it.",
            "Me and home.",
            "I needed to hear that it was only one message and nobody else saw.",
            "Heard it in the garden room; tell someone the same night if it happens again",
        ),
    ),
)
