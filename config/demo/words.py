"""What the demo's people say and what their counsellors write: invented, in no client's words."""

NOTES = [
    """Came in a little late and apologised three times; noticed it herself and laughed.

**What was said.** The week was "fine, on paper". The harsh voice was loudest on Wednesday evening, after a call with her sister. She could name it as a voice this time, which is new.

**What we did.** Ten minutes of soothing rhythm, eyes open. Then the two chairs: the critic had a lot to say, the kind voice one sentence. We stayed with that sentence.

**Impression.** Shame is nearer the surface than anger. Go slowly.

**Next.** Listen for the kind voice once a day, no more.""",
    """Tired today. We agreed at the start that it did not have to be a useful hour.

**What was said.** Mostly about sleep, and about the quiet after everybody has gone to bed. "That is when it starts."

**What we did.** Drew the three circles. Threat large, drive large, soothing a small dot in the corner. Looked at the dot for a good while, and at what had put it there: the dog, the allotment, one teacher.

**Next.** See whether the dot shows up by itself this week.""",
    """A hard session, and a good one.

**What was said.** For the first time spoke about the morning of the phone call. Stopped twice; chose to go on both times.

**What we did.** Nothing clever. Sat with it. Checked feet on the floor now and then.

**Impression.** Grief without the usual "I should be past this". Some relief at the end, and exhaustion.

- Agreed that either of us may end early next time.
- Wrote down who is around at the weekend.""",
    """Reviewed the exercise together: tried it twice, forgot it once, disliked it once. All of that is information.

**What was learned.** It works better standing up, at the kitchen window, before the house wakes.

**Next.** Keep the window. Leave the rest.""",
    """Talked about endings, ours included. Six sessions left of those agreed.

**What was said.** Wants to use them to practise saying no to one small thing a week, and to see what the sky does.

**Fact.** Has seen the GP about the tablets; dose unchanged.

**Impression.** Steadier. The old worry about being a burden came up once and was noticed, gently.""",
]

DRAFT = """First thoughts, to be finished today:

- arrived early, sat in the car until the minute
- the word "allowed" came up a lot
- ask next time about the brother"""

QUESTIONS = [
    "I notice that I want to rescue here. What would sitting beside look like?",
    "The pace: am I going slowly enough with the imagery?",
    "How much of the anger in the room was mine?",
]

LINES = [
    "I thought of this one after what you said about Wednesday evenings.",
    "No need to do it well. Once is plenty.",
    "You found the words for this yourself last time; here they are on paper.",
    "Something short for a full week.",
]
WHYS = [
    "To hear what a kinder voice sounds like when it is yours.",
    "To notice what happens just before the harsh thoughts arrive.",
    "To have something to hold on to between now and when we next meet.",
]
WHENS = [
    "In the evening, after the washing-up",
    "On the train home, Tuesday or Thursday",
    "Saturday, with the first cup of tea",
]
WHERES = ["At the kitchen table", "By the window", ""]

# By question, over all exercises of the library.
ANSWERS = {
    "what_happened": ["My sister rang off in the middle of a sentence.", "I forgot the form for the third time."],
    "hard_part": [
        "That I spoil things. Written down it looks smaller, and rather tired.",
        "It says there is no point.",
    ],
    "both_true": [
        "I was short with her, and I had slept four hours.",
        "It went wrong, and I am somebody who tries.",
    ],
    "noticed": ["The stairs at work. I did nothing about it, I only noticed.", "My shoulders, and then the radiator."],
    "act": ["Rang my aunt and let her talk.", "Went to bed when I was tired."],
    "what_was_it_like": ["Awkward, then warm. I would do it again.", "Quieter than I thought it would be."],
    "moment": [
        "The bus was late and I told myself off for it, as if I drove it. Wrote half a page and stopped, which I am told is fine.",
        "Nobody laughed at my joke, and I went over it all afternoon.",
    ],
    "gentler_line": ["You are allowed to be tired.", "One joke. It was only one joke."],
    "trace": ["Stayed on the phone with my neighbour until the plumber came.", "I let the rain be rain."],
    "surprised_by": ["That I found two.", "It is all about other people, apart from the soup."],
    "own_words": ["Steady. Nearly home.", "Poor old thing, that was a lot."],
    "moved_by": ["Deadline", "The dog", "Sunshine, for once"],
    "wider": ["The bench by the canal.", "Supper with the radio off."],
    "loop": [
        "No answer, so she is cross, stomach tight, look at the phone, no answer.",
        "Mistake, hot face, check it all again, more mistakes because I am checking.",
    ],
    "kind_step": ["Phone in the drawer until the kettle has boiled.", "Walk to the corner and back."],
    "said": ["You can put that down for a minute.", "It said nothing. It sat there like the big tree at school."],
    "keep": ["The way of standing.", "A slower voice."],
    "detail": ["The sound of the gate.", "Yellow light on the wall.", "A fox, asleep."],
    "companion": ["A very large dog.", "Someone like a lighthouse keeper."],
    "letter": [
        "Dear me, it has been a heavy month. No wonder you are slow. Perhaps you could let Thursday be a small day.",
        "Hello. I know that this is hard to read. I am on your side even so.",
    ],
    "warmest_line": ["Let Thursday be a small day.", "I am on your side even so."],
    "was_hard": ["The silence at lunch.", "Saying no to the extra shift."],
    "makes_sense": ["Of course it was; I had looked forward to it.", "No wonder, I was brought up to say yes."],
    "would_help": ["An early night.", "A word with Tom, who is never in a hurry."],
    "also_good": ["The pears.", "A blackbird on the bin."],
    "received": ["The driver waited for me.", "My daughter made tea without being asked."],
    "mind_said": ["That he only stopped for the lights.", "Now I owe her."],
    "wish": ["May your knee hurt less.", "That she gets a seat on the train."],
    "first_signs": ["I stop opening the post.", "Toast for supper, three days running."],
    "helps_body": ["Hot bath. Outside before ten. The grey jumper.", "Soup. Lying on the floor with the cat."],
    "can_wait": ["The long reply, the ironing, being cheerful.", "Everything with a form in it."],
    "who_is_there": ["My aunt, by text: hard day, no need to reply.", "The allotment. Somebody is always about."],
    "kind_line": [
        "This is one of those days, and it has an evening.",
        "You have been here before and the kettle works.",
    ],
    "fear": ["That I will be found out.", "Being left out, as usual."],
}
# What the critic said, and what a kinder voice would say.
PAIRS = [
    ("That I had wasted everybody's time again.", "That was a long day for anyone, and it is nearly over."),
    ("You always make a fuss.", "It would ask whether I had eaten. So I made some toast, which helped."),
    ("Lazy.", "Tired, and you came anyway."),
]
LEARNED = [
    "Short and standing up works; long and sitting down does not, for now.",
    "The kind voice speaks in questions. Keep asking.",
]
# A file on a record: what a client brought along, as plain text.
LETTER_NAME = "Letter to myself"
LETTER_ABOUT = "Brought to our fourth session, and read aloud."
LETTER = """Dear me,

You have had a long year, and you did most of it standing up.

I know you think you should have managed the move better. From here it looks as if you managed it with a cold, a late van and nobody to carry the other end of the sofa. The sofa is in. The kettle works. That is a house.

You do not have to earn the evening. Sit down before the washing-up, for once, and see whether anything falls over.

With love, and in my own handwriting when the printer is mended,
me
"""
PLACES = {
    "in_person": "The blue room, 3 Willow Lane",
    "video": "https://meet.example.org/quiet-room",
    "phone": "01632 960 100 will ring you",
}
