"""One row of canonical text as facts about a student and perhaps a contact, with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from keywork import upn
from keywork.names import ended, folded
from keywork.typed import look_at_the_year, sane_year
from keywork.words import worded

from .. import rules
from . import values
from .columns import BY_NAME
from .planned import Contact, RowPlan, real_name
from .values import BadValue

OLDEST = 30  # years: an EHC plan ends at 25
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]{2,}")

# Canonical column to (field of Student, longest text).
STUDENT_TEXT = {
    "mis_id": ("mis_id", 40),
    "former_upn": ("former_upn", 13),
    "preferred_surname": ("preferred_surname", 100),
    "preferred_forename": ("preferred_forename", 100),
    "reg_group": ("reg_group", 40),
    "home_language": ("home_language", 60),
    "ethnicity": ("ethnicity", 80),
    "maintained_by": ("maintained_by", 100),
    "social_worker": ("social_worker", 120),
    "student_address": ("address", 500),
    "student_phone": ("phone", 30),
}
MEMBER_TEXT = {
    "contact_id": ("mis_id", 40),
    "contact_title": ("title", 20),
    "contact_mobile": ("mobile", 30),
    "contact_phone": ("phone", 30),
    "contact_address": ("address", 500),
}
LINK_TEXT = {"contact_relationship": ("relationship", 60), "contact_language": ("language", 60)}


def parse(row: RowPlan, today: date, relationships: Mapping[str, str] | None) -> None:
    """Read one row. Reasons mean it is left out; warnings leave one value out, or only point at it.

    `relationships` turns the codes of a CTF into the school's words; None where a file has words of its own.
    """
    _student(row, today)
    _contact(row, relationships)


def _student(row: RowPlan, today: date) -> None:
    given, fields = row.values, row.fields
    names = {name: real_name(given.get(name, "")) for name in ("legal_forename", "legal_surname")}
    if not names["legal_forename"]:  # someone with one name has it as forename, wherever the file puts it
        names = {"legal_forename": names["legal_surname"], "legal_surname": ""}
    if not names["legal_forename"]:
        row.reasons.append("There is no name.")
    for name, text in names.items():
        if len(text) > 100:
            row.reasons.append(f"The {BY_NAME[name].label.lower()} is longer than 100 letters.")
        fields[name] = text
    _born(row, today)
    _texts(row, STUDENT_TEXT, fields)
    _preferred(fields)
    _like_a_formula(
        row, *names.values(), fields.get("preferred_forename", ""), fields.get("preferred_surname", "")
    )
    if "upn" in given:
        number = upn.check(given["upn"])
        if len(number.number) > 13:
            row.warnings.append(f"The UPN “{given['upn']}” is too long to keep and is left out.")
        else:
            fields["upn"] = number.number
            if number.kind == "invalid_check_letter":
                row.warnings.append(
                    f"The UPN {number.number} has the wrong check letter: {number.right_letter} would be right. It is kept."
                )
            elif not number.is_valid:
                row.warnings.append(f"The UPN {number.number} is not made as a UPN should be. It is kept.")
    _value(row, "sex", values.parse_sex, "sex")
    _value(row, "nc_year", values.parse_year, "nc_year")
    _value(row, "sen_status", values.parse_sen_status, "sen_status")
    _value(row, "sen_type", values.parse_sen_types, "sen_types")
    _value(row, "looked_after", values.parse_bool, "looked_after")
    _value(row, "pupil_premium", lambda text: "yes" if values.parse_bool(text) else "no", "pupil_premium")
    unknown = [code for code in fields.get("sen_types", ()) if code not in values.SEN_TYPES]
    if unknown:
        row.warnings.append(f"Keywork does not know the SEN type {ended(', '.join(unknown))} It is kept.")
    _value(row, "boarder", values.parse_placement, "boarder")
    _dates(row, today)
    if "nc_year" in fields and "born_on" in fields:
        year = rules.academic_year(today)
        if rules.warns_of_year(fields["nc_year"], fields["born_on"], year):
            usual = rules.chronological_year(fields["born_on"], year)
            row.warnings.append(
                f"The year group is {_year(fields['nc_year'])}; by age it would be {_year(usual or '')}."
            )


def _preferred(fields: dict[str, Any]) -> None:
    """Some systems export the whole name as preferred name: the surname is taken off its end."""
    whole = fields.get("preferred_forename", "").split()
    for name in ("preferred_surname", "legal_surname"):
        surname = fields.get(name, "")
        words = len(surname.split())
        if surname and len(whole) > words and folded(" ".join(whole[-words:])) == folded(surname):
            fields["preferred_forename"] = " ".join(whole[:-words])
            return


def _like_a_formula(row: RowPlan, *names: str) -> None:
    for name in names:
        if name.startswith(("=", "+", "-", "@")):
            row.warnings.append(
                f"The name “{name[:40]}” begins with “{name[0]}”, as a formula does. Look at it."
            )


def _born(row: RowPlan, today: date) -> None:
    text = row.values.get("dob", "")
    if not text:
        row.reasons.append("There is no date of birth.")
        return
    try:
        born_on = values.parse_date(text)
    except BadValue as error:
        row.reasons.append(f"Date of birth: {error}.")
        return
    if born_on >= today:
        row.reasons.append(f"Date of birth: “{text}” is not in the past.")
    elif born_on.year < today.year - OLDEST:
        row.reasons.append(f"Date of birth: “{text}” is more than {OLDEST} years ago.")
    else:
        row.fields["born_on"] = born_on


def _dates(row: RowPlan, today: date) -> None:
    for name, into in (
        ("entry_date", "joined_on"),
        ("leaving_date", "left_on"),
        ("records_from", "known_from"),
    ):
        if text := row.values.get(name):
            try:
                day = values.parse_date(text)
                if not sane_year(day):
                    raise BadValue(look_at_the_year(day))
                if into == "joined_on" and rules.is_far_ahead(day, today):
                    raise BadValue(rules.FAR_AHEAD)
                row.fields[into] = day
            except BadValue as error:
                row.reasons.append(f"{BY_NAME[name].label}: {error}.")
    joined_on, left_on, born_on = (row.fields.get(name) for name in ("joined_on", "left_on", "born_on"))
    if joined_on and born_on and joined_on <= born_on:
        row.reasons.append("The first day on roll is not after the date of birth.")
    if joined_on and left_on and left_on < joined_on:
        row.reasons.append("The last day on roll is before the first.")


def _contact(row: RowPlan, relationships: Mapping[str, str] | None) -> None:
    given = row.values
    if not any(name.startswith("contact_") for name in given):
        return
    forename, surname = (
        real_name(given.get("contact_forename", "")),
        real_name(given.get("contact_surname", "")),
    )
    if not surname and not forename:
        title, forename, surname = values.parts_of_name(real_name(given.get("contact_name", "")))
        given.setdefault("contact_title", title)
        if surname and values.is_no_one_name(given["contact_name"]):
            row.warnings.append(
                f"“{given['contact_name']}” is not the name of one person alone. It goes in as one contact: give each a "
                f"row of their own, or correct it on the {worded('student')}’s record."
            )
    if not surname and not forename:
        row.warnings.append("The contact has no name and is left out.")
        return
    if len(forename) > 100 or len(surname) > 100:
        row.warnings.append("The contact’s name is longer than 100 letters, so the contact is left out.")
        return
    row.contact = contact = Contact(forename, surname)
    _like_a_formula(row, forename, surname)
    _texts(row, MEMBER_TEXT, contact.member)
    for name, whose in (
        ("mobile", "contact_mobile"),
        ("phone", "contact_phone"),
        ("address", "contact_address"),
    ):
        text = contact.member.get(name, "")
        if text and (values.is_nothing(text) if name == "address" else values.is_no_phone(text)):
            del contact.member[name]
            row.warnings.append(f"{BY_NAME[whose].label}: “{text}” is nobody’s, and is left out.")
    mobile, phone = (values.phone_key(contact.member.get(name, "")) for name in ("mobile", "phone"))
    if mobile and mobile == phone:
        del contact.member["phone"]  # one number written twice
    _texts(row, LINK_TEXT, contact.link)
    contact.is_hearsay = relationships is not None
    if relationships is not None and (code := contact.link.get("relationship")):
        contact.only_a_code = code.upper() not in relationships
        contact.link["relationship"] = values.in_words(relationships, code)
    if email := given.get("contact_email"):
        if values.is_no_email(email):
            row.warnings.append(f"{BY_NAME['contact_email'].label}: “{email}” is nobody’s, and is left out.")
        elif _EMAIL.fullmatch(email) and len(email) <= 254:
            contact.member["email"] = email.lower()
        else:
            row.warnings.append(f"“{email}” is not an e-mail address and is left out.")
    _value(row, "contact_priority", values.parse_priority, "priority", contact.link)
    _value(row, "contact_lives_with", values.parse_bool, "lives_with", contact.link)
    _value(row, "contact_emergency", values.parse_bool, "emergency", contact.link)
    _responsibility(row, contact)


def _responsibility(row: RowPlan, contact: Contact) -> None:
    """Yes or no; what another school says (relationships are codes then) is hearsay. A value that cannot be read
    never opens anything."""
    text = row.values.get("contact_has_pr", "")
    if not text:
        return
    try:
        holds = values.parse_bool(text)
    except BadValue as error:
        contact.shut = True
        row.warnings.append(
            f"{BY_NAME['contact_has_pr'].label}: {error}. It is left out, and a new contact gets no reports and is not "
            "contacted until somebody says so."
        )
        return
    contact.link["has_pr"] = ("unconfirmed" if contact.is_hearsay else "yes") if holds else "no"


def _texts(row: RowPlan, wanted: Mapping[str, tuple[str, int]], into: dict[str, Any]) -> None:
    for name, (field_name, longest) in wanted.items():
        text = row.values.get(name, "")
        if len(text) > longest:
            row.warnings.append(f"{BY_NAME[name].label} is longer than {longest} letters and is left out.")
        elif text:
            into[field_name] = text


def _value(
    row: RowPlan,
    name: str,
    parse_text: Callable[[str], Any],
    field_name: str,
    into: dict[str, Any] | None = None,
) -> None:
    """Parse one column into a field; a value that cannot be read is left out with a warning."""
    if text := row.values.get(name):
        try:
            (row.fields if into is None else into)[field_name] = parse_text(text)
        except BadValue as error:
            row.warnings.append(f"{BY_NAME[name].label}: {error}. It is left out.")


def _year(year: str) -> str:
    return {"R": "Reception", "X": "ungraded", "": "none", "N1": "Nursery 1", "N2": "Nursery 2"}.get(
        year, f"Year {year}"
    )
