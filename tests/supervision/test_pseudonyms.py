"""What is taken out of a text before it leaves."""

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supervision.pseudonyms import Identity, Replacement, pseudonymise, remains

ANNA = Identity(
    reference="C-0042",
    name="Anna-Marie O'Neill Smith",
    preferred_name="Annie",
    email="anna@example.org",
    phone="07700 900123",
    date_of_birth="1990-05-03",
    emergency_contact="Jane Smith (mother), 01632 960456",
    gp="Dr Ali Khan, Hill Surgery, 01632 960 999",
)


def said(text: str, identity: Identity = ANNA) -> str:
    return pseudonymise(text, identity).text


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Anna came.", "C-0042 came."),
        ("anna, ANNA and Annie", "C-0042, C-0042 and C-0042"),
        ("Anna's sister and annie’s cat", "C-0042's sister and C-0042’s cat"),
        ("Annas sister", "C-0042s sister"),
        ("Anna-Marie O'Neill Smith", "C-0042"),
        ("anna marie o’neill smith", "C-0042"),
        ("Ms Smith and Oneill", "Ms C-0042 and C-0042"),
        ("Anna B. Smith", "C-0042"),
        ("Ánna and A\u0301nna and An\u200bna", "C-0042 and C-0042 and C-0042"),
        ("_Anna_ and **Marie**", "_C-0042_ and **C-0042**"),
        ("Joanna and Annabel are others", "Joanna and Annabel are others"),
    ],
)
def test_names_become_the_reference(text: str, result: str) -> None:
    assert said(text) == result


@pytest.mark.parametrize(
    ("name", "text", "result"),
    [
        ("Will May", "I will, he may. Will said that May is near.", "I will, he may. C-0007 said that C-0007 is near."),
        ("Will May", "today will may came", "today C-0007 came"),
        ("Rose Grant", "She rose; Rose did not grant it.", "She rose; C-0007 did not grant it."),
        ("Dr Ben de la Cruz", "Ben went to la mer, Dr Cruz too.", "C-0007 went to la mer, Dr C-0007 too."),
        ("Jürgen Ødegård", "Juergen, Jurgen, odegard", "C-0007, C-0007, C-0007"),
        ("Zoë Weiß", "Zoe WEISS", "C-0007"),
        ("李小龙", "今天李小龙说", "今天C-0007说"),
        ("김 민수", "민수는 왔다", "C-0007는 왔다"),
        ("सीता", "कल सीता आई", "कल C-0007 आई"),
        ("Wu", "Wu said wuthering", "C-0007 said wuthering"),
    ],
)
def test_names_of_many_kinds(name: str, text: str, result: str) -> None:
    assert said(text, Identity("C-0007", name)) == result


@pytest.mark.parametrize(
    "number",
    [
        "07700 900123", "07700900123", "+44 7700 900123", "+44 (0)7700 900-123", "0044 7700900123", "(07700) 900.123",
        "7700 900 123", "01632 960456", "020 7946 0958", "+33 6 12 34 56 78",
    ],
)  # fmt: skip
def test_telephone_numbers_in_any_spacing(number: str) -> None:
    assert said(f"Ring {number}, please") == "Ring [telephone], please"


@pytest.mark.parametrize(
    "day",
    [
        "1990-05-03", "03/05/1990", "3/5/90", "3.5.1990", "03-05-1990", "5/3/1990", "3 May 1990", "3rd May 1990",
        "3rd of May 1990", "03 MAY 90", "May 3, 1990", "May 3rd 1990",
    ],
)  # fmt: skip
def test_the_date_of_birth_in_common_ways(day: str) -> None:
    assert said(f"Born {day}.") == "Born [date of birth]."


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Write to anna@example.org or bob.b+x@mail.example.co.uk.", "Write to [e-mail] or [e-mail]."),
        ("Lives at CA10 1AB, or ca101ab", "Lives at [postcode], or [postcode]"),
        ("Jane Smith rang, then Jane", "[emergency contact] rang, then [emergency contact]"),
        ("Dr Khan of Hill Surgery, and a hill", "Dr [GP] of [GP] Surgery, and a hill"),
        ("Anna <anna@example.org>, 07700 900123", "C-0042 <[e-mail]>, [telephone]"),
    ],
)
def test_contact_details_become_marks(text: str, result: str) -> None:
    assert said(text) == result


@pytest.mark.parametrize(
    "text",
    [
        "We met on 01.02.2024 at 10:30, then on 2024-02-08 10:30.",
        "PHQ-9 of 12, GAD-7 of 8; 20,000 steps; session 7.",
        "- one\n- two\n\n**bold** and [a link](https://example.org/page)",
        "",
    ],
)
def test_what_tells_nothing_stays(text: str) -> None:
    assert pseudonymise(text, ANNA).text == text
    assert remains(text, ANNA) == []


def test_the_account_says_what_was_replaced_and_how_often() -> None:
    result = pseudonymise("Anna, anna, Anna; anna@example.org", ANNA)

    assert result.replaced == (
        Replacement("Anna", "C-0042", 2),
        Replacement("anna", "C-0042", 1),
        Replacement("anna@example.org", "[e-mail]", 1),
    )


def test_what_remains_is_named_as_it_stands() -> None:
    assert remains("C-0042 said that ANNA and Annie rang 07700900123, ANNA", ANNA) == ["ANNA", "Annie", "07700900123"]


def test_marks_and_the_reference_are_never_replaced() -> None:
    identity = Identity("C-0042", "Mail Contact", gp="GP, Birth")

    assert said("[e-mail] [GP] [emergency contact] [date of birth] C-0042", identity) == (
        "[e-mail] [GP] [emergency contact] [date of birth] C-0042"
    )


def test_a_long_text_without_blanks_is_read_in_good_time() -> None:
    for piece in ("a", "0", "0 ", "+4", "a.b@", "1-"):
        assert remains(piece * 20_000, Identity("C-0042", "Anna Smith", phone="07700 900123")) is not None


NAMES = st.lists(
    st.text(st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F), min_size=2, max_size=8), min_size=1, max_size=3
).map(lambda words: " ".join(words).title())
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=120)

# A busy machine is no fault of the words.
in_any_time = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@in_any_time
@given(name=NAMES, before=TEXTS, after=TEXTS, separator=st.sampled_from([" ", ", ", "'s ", "\n", "_", "* "]))
def test_no_name_is_left_as_a_whole_word(name: str, before: str, after: str, separator: str) -> None:
    assume(name.casefold() not in {"mail", "gp"})
    identity = Identity("C-0042", name)

    result = pseudonymise(f"{before} {name}{separator}{after} {name}", identity)

    assert remains(result.text, identity) == []
    assert re.findall(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", re.sub(r"\[[^\]]*\]", "", result.text)) == []
    assert result.replaced != ()


@in_any_time
@given(text=TEXTS, name=NAMES)
def test_done_again_it_changes_nothing_more(text: str, name: str) -> None:
    identity = Identity("C-0042", name, phone="07700 900123", gp="Dr Ali Khan")
    once = pseudonymise(text, identity)

    assert pseudonymise(once.text, identity).text == once.text


@in_any_time
@given(text=st.text(st.characters(categories=("Ll", "Zs")), max_size=200))
def test_a_text_without_identity_is_unchanged(text: str) -> None:
    assert pseudonymise(text, Identity("C-0042")).text == text
