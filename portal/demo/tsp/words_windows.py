"""The words of a baseline or a review: a summary that fits its ratings, a line on an area, and next steps.

{up} is the area that has moved most, {low} the one that is hardest, in the plain words of AREAS.
"""

from __future__ import annotations

from collections.abc import Mapping

AREAS: Mapping[str, str] = {
    "communicating": "getting a message across",
    "relationships": "friendships",
    "social-understanding": "working out what is going on between people",
    "emotional-regulation": "knowing what helps with big feelings",
    "flexibility": "coping when plans change",
    "sensory-wellbeing": "looking after body and senses",
    "engagement": "joining in and keeping going",
    "identity-advocacy": "speaking up about what helps",
    "repair-community": "putting things right with other people",
}

STARTING = (
    "A settled start. {n} came back knowing the timetable and asked for one change to it. {up} looks strongest; {low} is where we begin.",
    "Two weeks in. {n} greets people by name and has a place at lunch. We will work on {low}, because {n} picked it.",
    "{n} told us what had been good about the summer and what had not. Ratings are much as they were at the last review, with {low} a little behind.",
    "Quiet first fortnight. What {n} can do with familiar adults is not yet seen with new ones, and that is the work of the term.",
    "{n} chose the order in which we talked about the nine areas. {up} came first and {low} last, which says a good deal.",
    "Much is in place: the card, the corner in room 4, the list for the taxi. {low} will need all three.",
    "Everyone who knows {n} was asked. They agree about {up}, and see {low} differently at home and at school.",
)
RISING = (
    "A good term. Most has moved in {up}: less help, in more places. {low} is still hard and we will go slowly there.",
    "{n} needs fewer reminders than a term ago, above all with {up}. People who do not know {him} well have noticed too.",
    "What was new last term is now ordinary. {up} is seen in lessons, at lunch and at home. {low} comes next.",
    "Small steps that held. {up} went up because {n} practised it on purpose, and said so at the review.",
    "{n} has become somebody others ask for help. That has lifted {up} more than anything we planned.",
    "A term of two halves: unsettled until half-term, then steady. {up} ended higher than it began.",
    "{n} asked to see the ratings and agreed with all but two. We changed one of them together.",
)
LEVEL = (
    "Little has changed in the figures, and a lot of work has gone into keeping it so. {low} is the area to watch.",
    "A steady term. {n} holds what was gained last year; nothing has been lost, and nothing forced.",
    "Ratings are level. {n} has had three new teachers at once and kept going, which the figures do not show.",
    "Much the same as at the start. We have asked for more of {n}, in more places, and {he} managed it with the same help.",
)
FALLING = (
    "A hard term, and the ratings say so. {up} held; most other areas went down after half-term. See the context below.",
    "Several ratings are lower than they were. This is what we see now, not what {n} can do on a good day.",
    "{n} has needed an adult close by again since the change. {low} has dropped furthest. We expect it to come back, and have gone back a step.",
)
CONTEXT: Mapping[str, tuple[str, ...]] = {
    "bereavement": (
        "{n}’s grandmother died in the third week of term. The funeral was on a school day and {n} chose to go.",
        "The family lost someone close. {n} talks about it with the people {he} chose.",
    ),
    "home_move": (
        "The family moved house in half-term: a new room, a new bus and a longer day.",
        "{n} moved from weekly to part-week residence and is still finding the new rhythm.",
    ),
    "illness": (
        "Three weeks away with glandular fever, then half days until the end of term.",
        "A broken wrist kept {n} out of the workshop and off the trampoline for six weeks.",
    ),
    "family_change": (
        "A new baby at home. {n} is proud and short of sleep.",
        "{n}’s dad now works away in the week.",
    ),
    "new_people": (
        "Two new classmates and a new teacher at half-term.",
        "Sam left, and it took until the end of term for anyone to feel like {n}’s person again.",
    ),
    "medication": ("A new medicine since half-term; the clinic asked us to watch sleep and appetite.",),
    "absence": ("Away for most of a half-term in hospital, with lessons there.",),
    "other": ("The boiler failed and the class was in the village hall for two weeks.",),
}

# One line on an area: what is seen when it goes well, and when it is hard.
WELL: Mapping[str, tuple[str, ...]] = {
    "communicating": (
        "Uses the card before things get too much, and more and more often words instead.",
        "Starts conversations with adults and with two or three other students.",
        "Says “say it again?” where {he} used to nod.",
    ),
    "relationships": (
        "Two friends, one of them new this year. They fall out and make up without us.",
        "Spends break with other people by choice, on most days.",
        "Goes to three adults for different things, and knows which for what.",
    ),
    "social-understanding": (
        "Reads a room well when it is quiet; asks when it is not.",
        "Quick to see when somebody is left out.",
        "Keeps jokes for people who like them.",
    ),
    "emotional-regulation": (
        "Names the feeling first and the reason later. That order works.",
        "Has four strategies and uses two of them without a reminder.",
        "Comes back to the room within ten minutes, nearly every time.",
    ),
    "flexibility": (
        "A change on the board the day before is now enough.",
        "Copes with losing, loudly, and then shakes hands.",
        "Chose two new things this term and kept one.",
    ),
    "sensory-wellbeing": (
        "Plans the loud parts of the day and follows them with a quiet one.",
        "Wears the ear defenders without minding who sees.",
        "Swims twice a week and sleeps better for it.",
    ),
    "engagement": (
        "In every lesson this half-term, and working in most.",
        "Starts by {him}self when the first step is written down.",
        "Takes advice well if it is given quietly and is about one thing.",
    ),
    "identity-advocacy": (
        "Told a visitor what {he} needed before anyone else could.",
        "Led ten minutes of {his} own review, with slides.",
        "Speaks about mistakes as things that happen.",
    ),
    "repair-community": (
        "Comes to a restorative talk when asked and says {his} own part first.",
        "Has a job in school and does it when nobody is looking.",
        "Argues hard and kindly.",
    ),
}
HARD: Mapping[str, tuple[str, ...]] = {
    "communicating": (
        "With people {he} knows, yes; with anyone else a familiar adult has to begin.",
        "Long instructions still get lost. Three short ones do not.",
    ),
    "relationships": (
        "Would like a friend and finds the first minute hardest. We sit nearby for that minute.",
        "Friendships are intense and short at present.",
    ),
    "social-understanding": (
        "Teasing and unkindness look the same when {n} is tired.",
        "New places are hard work; a photo the day before helps.",
    ),
    "emotional-regulation": (
        "Knows the strategies and cannot reach them yet when it matters. An adult alongside can.",
        "The way back after an upset still takes most of a morning.",
    ),
    "flexibility": (
        "Surprises cost a lot, even nice ones.",
        "Moving on from the computer needs two warnings and a person.",
    ),
    "sensory-wellbeing": (
        "The hall and the bell are the two hardest things in the day.",
        "Misses the signs of being hungry or tired until it is late.",
    ),
    "engagement": (
        "Arrives, and finds starting hard. Once begun, {n} stays with it.",
        "Gives up quickly where {he} {was} once laughed at: reading aloud, above all.",
    ),
    "identity-advocacy": (
        "Harder on {him}self than anyone else would be.",
        "Leaves the talking at meetings to others; slides or a film may help.",
    ),
    "repair-community": (
        "Sorry comes by way of a drawing, a day later. That is fine for now.",
        "Sees the other person’s part first. We begin there and go on.",
    ),
}
NEXT: Mapping[str, tuple[str, ...]] = {
    "communicating": (
        "Same card in every room, and all staff answer it within a minute.",
        "Ten minutes of talk with somebody new each week, {n} to choose who.",
    ),
    "relationships": (
        "A card game at lunch on Tuesdays and Thursdays with the same three people.",
        "Invite a friend for tea in the house, with home’s help.",
    ),
    "social-understanding": (
        "A photo and a few lines about each new place the day before.",
        "Stop the film and ask “what does she know?”, once a week in English.",
    ),
    "emotional-regulation": (
        "Practise the two quick strategies on calm days, in the places where they are needed.",
        "Go over the regulation map with the evening team.",
    ),
    "flexibility": (
        "One small planned change a week, with {n} choosing which.",
        "Changes on the board by three o’clock the day before.",
    ),
    "sensory-wellbeing": (
        "A seat by the door in the hall, and out five minutes before the bell.",
        "A drink and a snack at half past ten, for everybody, so that nobody stands out.",
    ),
    "engagement": (
        "The first step of every task on a sticky note.",
        "A morning at the farm each fortnight, if the reading is done by Wednesday.",
    ),
    "identity-advocacy": (
        "{n} to choose what new staff read first.",
        "Help {n} make two slides for the review.",
    ),
    "repair-community": (
        "Talk things over within a day, drawing first.",
        "Offer a job in the library or with the hens.",
    ),
}
LAST_NEXT = (
    "Look at it together at half-term.",
    "Home and the evening team know.",
    "Tell {n} what has been noticed, each Friday.",
    "Write down what worked as well as what did not.",
)
REOPENED = "One area was rated on the wrong line; put right the same day."
