"""Dated examples of each statement, with where they were seen: facts, kindly put, in the past tense.

Placeholders as in `portal.demo.words`: {n} {he} {He} {him} {his} {His} {was} {it}.
"""

from __future__ import annotations

from collections.abc import Mapping

Example = tuple[str, str]  # a code of tsp.models.Setting, and what was seen

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    # 1 Communicating
    "comm-ask-help": (
        ("lesson", "Put the blue card on the desk before the maths got too much, and waited."),
        ("residence", "Asked the evening team for ten minutes alone before supper, in words."),
        ("trip", "Told the driver “I need the window seat today” and was given it."),
    ),
    "comm-start-exchange": (
        ("social", "Walked over to two others at break and asked what they were building."),
        ("lesson", "Began the morning by telling the class about {his} weekend, unasked."),
        ("travel", "Said good morning to the escort first, three days running."),
    ),
    "comm-turn-taking": (
        ("keywork", "We talked for twenty minutes and {n} asked me three questions back."),
        ("social", "Waited through somebody else’s long story at lunch, then answered it."),
    ),
    "comm-repair": (
        ("lesson", "{n} saw the supply teacher had not understood and drew it on the board instead."),
        ("home", "Rang home twice because the first message had come out wrong. Both laughed."),
    ),
    "comm-give-view": (
        ("lesson", "Voted with the cards in class council and gave {his} reason in one line."),
        ("therapy", "Told the group which game {he} would rather play and why."),
        ("residence", "Wrote three suggestions for the house menu; two are on it now."),
    ),
    "comm-follow-information": (
        ("lesson", "Followed the four steps on the recipe card, and checked the third with an adult."),
        ("work", "Read the rota at the café and was at the right counter at the right time."),
    ),
    # 2 Friendships
    "rel-trusted-adult": (
        ("social", "Came to find me at break to show me a drawing, on an ordinary day."),
        ("residence", "Went to Dan with a worry about the minibus before it became a big one."),
    ),
    "rel-peer-time": (
        ("social", "Chose the card table over the corridor on four lunchtimes out of five."),
        ("residence", "Watched a film with two others and stayed to the end."),
        ("trip", "Shared a bench and a bag of chips with a classmate on the sea front."),
    ),
    "rel-keep-friendship": (
        ("social", "They fell out over a rule on Tuesday and were playing again by Thursday."),
        ("home", "Home says the same friend has been round three weekends in a row."),
    ),
    "rel-show-interest": (
        ("lesson", "Listened to a talk about beetles and asked how long they live."),
        ("keywork", "Remembered that my dog had been ill and asked after her."),
    ),
    "rel-work-together": (
        ("lesson", "Took the measuring job in a group of three and did it until the bridge stood."),
        ("trip", "Carried one end of the canoe and called the steps."),
        ("work", "Wrapped sandwiches with two others for an hour, swapping jobs when asked."),
    ),
    "rel-spot-unkind": (
        ("keywork", "Showed me a message and said “I don’t think that’s a joke”. We dealt with it together."),
        ("home", "Told home that someone online kept asking for a photo, the same evening."),
    ),
    # 3 Social understanding
    "soc-notice-cues": (
        ("lesson", "Saw that a classmate had gone quiet and lowered {his} own voice."),
        ("social", "Stopped the chasing game when the other boy’s face changed."),
    ),
    "soc-other-views": (
        ("therapy", "Said “he didn’t know it was my seat” about something that would once have been on purpose."),
        ("lesson", "Argued both sides in the debate on school uniform and found the second one funny."),
    ),
    "soc-fit-setting": (
        ("trip", "Used a library voice in the library for the whole visit."),
        ("social", "Told the rude joke at break and not at the table with visitors."),
        ("work", "Shook hands with the manager and left the music off."),
    ),
    "soc-space-belongings": (
        ("residence", "Knocked and waited at a friend’s door, every evening this week."),
        ("lesson", "Asked before borrowing the good scissors, and brought them back."),
    ),
    "soc-joking-unkind": (
        ("social", "Asked “was that a joke?” instead of pushing back. It was, and they both laughed."),
        ("keywork", "Sorted ten real messages into teasing and unkind with me; eight were right."),
    ),
    "soc-unwritten-rules": (
        ("trip", "Watched how others queued at the climbing centre before joining in."),
        ("work", "Asked where people eat on a break before the first day at the café."),
    ),
    # 4 Emotions
    "emo-name-feeling": (
        ("keywork", "Chose amber on the card and added “because of the fire bell”."),
        ("home", "Told {his} family “I’m not cross, I’m tired”. They wrote it down to tell us."),
        ("lesson", "Put {his} peg on worried before the test without being asked."),
    ),
    "emo-know-triggers": (
        ("keywork", "Listed four things that wind {him} up, and put them in order."),
        ("therapy", "Said that being watched while writing is worse than the writing."),
    ),
    "emo-early-signs": (
        ("lesson", "Noticed {his} own leg going and asked to stand at the back."),
        ("residence", "Said “my shoulders are up” and went for the long walk round the field."),
    ),
    "emo-use-strategy": (
        ("lesson", "Used the ear defenders and the wall for four minutes, then came back to {his} seat."),
        ("trip", "Counted the lamp posts on a noisy street, as practised, and told me after."),
        ("social", "Walked away from the argument at the goal and came to the garden door."),
    ),
    "emo-recover": (
        ("lesson", "Back in the room eleven minutes after a hard start; last term it was most of a morning."),
        ("home", "Slammed a door, made tea, came down. Home timed it: a quarter of an hour."),
    ),
    "emo-look-back": (
        ("keywork", "Drew Tuesday’s row as a comic of six boxes and changed the fifth."),
        ("therapy", "Talked about the bus and chose what to try next time."),
    ),
    # 5 Flexibility
    "flex-planned-change": (
        ("lesson", "Knew on Friday that Monday’s room would change, and walked there without a word."),
        ("home", "Told the evening before about the dentist; went, with the list in a pocket."),
        ("trip", "The trip moved to Wednesday; {n} crossed it out on the calendar and wrote it in again."),
    ),
    "flex-surprise-change": (
        ("lesson", "The power went off. {n} asked for the plan B card and used it."),
        ("travel", "A different taxi came. {He} rang me from the gate, then got in."),
    ),
    "flex-move-between": (
        ("lesson", "Left the computer when the timer rang, on three days out of five."),
        ("residence", "From football to bath to bed with the picture strip and no reminder."),
    ),
    "flex-try-new": (
        ("social", "Tried one spoon of the lentil soup, after two weeks of looking at it."),
        ("trip", "Put on the harness at the climbing wall and went up as far as the second hold."),
    ),
    "flex-not-first-choice": (
        ("social", "Lost at table football, said “rematch”, and meant it kindly."),
        ("lesson", "Got the yellow group instead of the green and sat down with it."),
        ("residence", "Somebody else chose the film. {n} grumbled and stayed."),
    ),
    "flex-everyday-demands": (
        ("residence", "Chose which of three jobs to do first, and did all three."),
        ("lesson", "Agreed to write four sentences {he} could choose, rather than none."),
    ),
    # 6 Sensory
    "sens-know-needs": (
        ("therapy", "Sorted sounds into fine, later and never for the occupational therapist."),
        ("keywork", "Explained that it is the hum of the lights, not the light."),
    ),
    "sens-use-adjustments": (
        ("lesson", "Took the movement break at the half-way mark and was back in six minutes."),
        ("trip", "Packed {his} own ear defenders for the match, and used them at the goal."),
        ("social", "Moved to the quiet table without being told it was there."),
    ),
    "sens-busy-places": (
        ("social", "Ate in the hall for ten minutes with a seat by the door."),
        ("trip", "Twenty minutes in the supermarket with the list; one wobble by the freezers."),
    ),
    "sens-body-signals": (
        ("lesson", "Said “I’m hungry, that’s why I’m cross” at eleven o’clock."),
        ("residence", "Told the night team about a headache instead of lying awake with it."),
    ),
    "sens-be-active": (
        ("social", "On the trampoline every lunchtime this week, by choice."),
        ("residence", "Swam on Tuesday and Thursday, eight lengths the second time."),
    ),
    "sens-rest-routine": (
        ("home", "Home reports lights out by ten on every school night but one."),
        ("residence", "Left the tablet in the office at nine, five nights of five."),
    ),
    # 7 Engagement
    "eng-attend": (
        ("lesson", "Stayed for all five lessons on four days; the fifth was the agreed morning in the garden."),
        ("work", "At the café every Wednesday this half-term, ten minutes early twice."),
    ),
    "eng-get-started": (
        ("lesson", "Wrote the date and the first line within three minutes, with the sticky note."),
        ("residence", "Began homework after tea when the list was on the table."),
    ),
    "eng-keep-going": (
        ("lesson", "Took the fraction sheet back after a break and finished the last two."),
        ("trip", "Wanted to stop at the second stile, drank some water, and walked to the top."),
    ),
    "eng-use-feedback": (
        ("lesson", "Read the note in {his} book and changed the ending of the story."),
        ("work", "Was shown how to hold the knife and held it that way all morning."),
    ),
    "eng-show-pride": (
        ("home", "Photographed the stool {he} had made and sent it home before the glue was dry."),
        ("keywork", "Brought the folder and turned straight to page nine: “That one.”"),
        ("lesson", "Put {his} own painting on the wall for the open afternoon."),
    ),
    "eng-own-goal": (
        ("keywork", "“I want to work with {it}. First I have to ask who does it.” We wrote that down."),
        ("lesson", "Told the careers visitor {his} next step in one sentence."),
    ),
    # 8 Identity
    "ident-strengths": (
        ("keywork", "Named three strengths without stopping: patient, good at maps, kind to small ones."),
        ("lesson", "Wrote “I can fix things” on the class tree."),
    ),
    "ident-own-needs": (
        ("therapy", "Explained {his} own diagnosis to the group the way {he} wanted to say it."),
        ("keywork", "Chose which two sentences about {him} new staff should read first."),
    ),
    "ident-choose": (
        ("lesson", "Chose {it} over the trip, was sure the next day, and was right."),
        ("home", "Bought {his} own coat with {his} own money, and likes it."),
    ),
    "ident-ask-adjustment": (
        ("lesson", "Asked the new teacher for the worksheet on paper rather than on the screen."),
        ("work", "Told the manager “Please show me once, then let me try”."),
        ("trip", "Asked the guide to speak a little slower, and thanked her."),
    ),
    "ident-shape-plan": (
        ("keywork", "Crossed out one line of the draft plan and wrote a better one."),
        ("lesson", "Made four slides for {his} own review, and clicked through them."),
    ),
    "ident-kind-to-self": (
        ("lesson", "Spilt the paint, said “it happens”, and fetched a cloth."),
        ("residence", "Lost the chess game and said {he} had played well until the queen."),
    ),
    # 9 Repair
    "rep-disagree-safely": (
        ("social", "Argued about the offside rule for a full break; hands stayed in pockets."),
        ("residence", "Said “I don’t agree and I’m going upstairs”, and went upstairs."),
        ("lesson", "Told a classmate the answer was wrong without calling anybody anything."),
    ),
    "rep-own-part": (
        ("keywork", "“I started it when I took the ball.” It took a while to get there, and {he} got there."),
        ("therapy", "Used the two-chair drawing to say what each had done."),
    ),
    "rep-put-right": (
        ("social", "Mended the kite with the boy whose kite it was."),
        ("residence", "Wrote a card to the night staff and delivered it in person."),
    ),
    "rep-help-others": (
        ("social", "Held the gate for the youngest class every morning this week."),
        ("home", "Made {his} family tea on Sunday, without a word said about it."),
        ("lesson", "Showed somebody how to find the file, and did not do it for them."),
    ),
    "rep-take-role": (
        ("lesson", "Has been librarian on Thursdays all half-term and keeps the list."),
        ("work", "Opens the hens in the morning and locks them up at four."),
    ),
    "rep-safe-choices": (
        ("home", "Blocked an account and told home about it before we heard."),
        ("trip", "Stopped at the kerb for {his} partner, in town, with the phone away."),
    ),
}  # fmt: skip

# Which topics of a contact or a session an area may be seen in, for evidence that points at one.
TOPICS: Mapping[str, frozenset[str]] = {
    "communicating": frozenset({"social_progress", "feelings"}),
    "relationships": frozenset({"social_progress", "friends"}),
    "social-understanding": frozenset({"social_progress", "friends"}),
    "emotional-regulation": frozenset({"social_progress", "feelings"}),
    "flexibility": frozenset({"social_progress", "attendance"}),
    "sensory-wellbeing": frozenset({"health"}),
    "engagement": frozenset({"engagement", "attendance", "points"}),
    "identity-advocacy": frozenset({"goals", "going_well"}),
    "repair-community": frozenset({"social_progress", "going_well"}),
}
