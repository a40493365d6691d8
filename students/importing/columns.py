"""The canonical columns and the headings they are met under (domain 8.1); what a file's headings probably mean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    seen_as: tuple[str, ...]
    of_contact: bool = False


def _c(name: str, label: str, seen_as: str) -> Column:
    return Column(
        name, label, tuple(word.strip() for word in seen_as.split(",")), name.startswith("contact_")
    )


COLUMNS: tuple[Column, ...] = (
    _c(
        "mis_id",
        "MIS number",
        "Student ID, Pupil ID, Admission Number, Admission No, Adm No, Adno, MIS number, MIS ID, Arbor Student ID, "
        "Person ID, Id",
    ),
    _c("upn", "UPN", "UPN, Unique Pupil Number, Current UPN"),
    _c("former_upn", "Former UPN", "Former UPN, Previous UPN"),
    _c(
        "legal_surname",
        "Surname",
        "Surname, Last name, Legal Last Name, Legal Surname, Family name, Student Surname, Student last name, "
        "Pupil surname, Pupil last name",
    ),
    _c(
        "legal_forename",
        "Forename",
        "Forename, First name, Legal First Name, Legal Forename, Given name, Student Forename, Student first name, "
        "Pupil forename, Pupil first name",
    ),
    _c("preferred_surname", "Preferred surname", "Preferred Surname, Preferred Last Name, Chosen surname"),
    _c(
        "preferred_forename",
        "Preferred forename",
        "Preferred Forename, Preferred First Name, Preferred name, Preferred full name, Chosen name, Known as",
    ),
    _c("dob", "Date of birth", "Date of Birth, DOB, Birth date, Birthday"),
    _c("sex", "Sex", "Sex, Gender, Legal Sex"),
    _c(
        "nc_year",
        "Year group",
        "Year, Year group, NC Year, National Curriculum Year, NCyearActual, Curriculum year, Year taught in, "
        "Year group(s) this academic year, Year group this academic year, Year group (this academic year)",
    ),
    _c(
        "reg_group",
        "Form",
        "Reg, Form, Registration form, Tutor Group, Reg group, Registration group, Class, Form/Tutor Group, "
        "Registration form this academic year",
    ),
    _c("sen_status", "SEN status", "SEN provision, SEN status, SEN, Current SEN status, SEN stage, SEN code"),
    _c("sen_type", "SEN type", "SEN type, SEN need, Primary SEN type, SEN types, SEN needs"),
    _c("boarder", "Residential", "Boarder, Boarding, Boarder status, Residential, Placement"),
    _c("looked_after", "Looked after", "In care, Looked after, LAC, CLA, Looked after child, In care status"),
    _c("home_language", "Home language", "Home language, First language, Language, Native language"),
    _c("ethnicity", "Ethnicity", "Ethnicity, Ethnic origin, Ethnic group"),
    _c(
        "maintained_by",
        "Authority that maintains the plan",
        "LA, Local authority, Home LA, Home authority, Placing authority",
    ),
    _c("pupil_premium", "Pupil premium", "Pupil premium, PP, Pupil premium indicator"),
    _c("social_worker", "Social worker", "Social worker, Social worker name"),
    _c("student_address", "Student’s own address", "Student address, Pupil address"),
    _c("student_phone", "Student’s own phone", "Student phone, Student mobile, Pupil mobile"),
    _c(
        "entry_date",
        "First day on roll",
        "Date of entry, Entry date, Admission date, Admissions date, Enrolment date, Start date, Date of admission, "
        "School entry date, DOA",
    ),
    _c("leaving_date", "Last day on roll", "Date of leaving, Leaving date, Leave date, Date left"),
    _c("records_from", "Records here since", "Records here since, Keywork records from, Records from"),
    _c("contact_id", "Contact’s MIS number", "Parent ID, Contact ID, Guardian ID"),
    _c("contact_priority", "Contact’s priority", "Priority, Contact priority, Contact order, Order"),
    _c(
        "contact_name",
        "Contact’s whole name",
        "Contact name, Contact full name, Parent name, Parent full name, Parent/carer name, Parent or carer name, "
        "Parent/guardian name, Parent/carer, Carer name, Guardian name, Parent, Carer, Guardian",
    ),
    _c("contact_title", "Contact’s title", "Title, Contact title, Parent title, Salutation"),
    _c(
        "contact_forename",
        "Contact’s forename",
        "Contact forename, Contact first name, Parent forename, Parent first name",
    ),
    _c(
        "contact_surname",
        "Contact’s surname",
        "Contact surname, Contact last name, Parent surname, Parent last name",
    ),
    _c(
        "contact_relationship",
        "Relationship",
        "Relationship, Relation, Contact relationship, Parent relationship, Relationship to student, "
        "Relationship to pupil, Relationship to child",
    ),
    _c(
        "contact_has_pr",
        "Parental responsibility",
        "Parental responsibility, PR, Has parental responsibility, Legal responsibility",
    ),
    _c("contact_lives_with", "Lives with", "Lives with Pupil, Lives with, Lives with student, Resident with"),
    _c("contact_emergency", "Emergency contact", "Emergency, Emergency contact"),
    _c(
        "contact_email",
        "Contact’s e-mail",
        "Primary Email, Home Email, Email, E-mail, Contact email, Parent email, Email address, Contact email address, "
        "Primary email address",
    ),
    _c(
        "contact_mobile",
        "Contact’s mobile",
        "Mobile number, Mobile, Contact mobile, Parent mobile, Mobile phone, Primary mobile, Primary mobile number, "
        "Mobile telephone",
    ),
    _c(
        "contact_phone",
        "Contact’s other phone",
        "Main Telephone, Telephone, Phone, Home phone, Contact phone, Home telephone, Telephone number, "
        "Primary telephone, Parent phone, Parent telephone, Contact telephone, Parent phone number, Phone number",
    ),
    _c(
        "contact_address",
        "Contact’s address",
        "Address, Contact address, Home address, Parent address, Full address, Address block",
    ),
    _c("contact_language", "Contact’s language", "Contact language, Parent language"),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
REQUIRED = ("legal_surname", "legal_forename", "dob")  # one of the names may be empty in a row
NUMBERS = ("mis_id", "upn")
CONTACT_NAMES = frozenset({"contact_surname", "contact_forename", "contact_name"})
NO_NUMBER = (
    "No column is matched to a MIS number or a UPN. Students will be found by name and date of birth alone, so every "
    "later file will ask about each of them. Export the file with one of the two if you can."
)

# A heading met twice: the second is the contact's, as a row is one student and one contact.
_SECOND = {
    "legal_surname": "contact_surname",
    "legal_forename": "contact_forename",
    "home_language": "contact_language",
}


def plain(heading: str) -> str:
    """A heading without capitals, spaces and marks, so that LastName, Last name and LAST_NAME are one."""
    return re.sub(r"[^a-z0-9]", "", heading.lower())


_SEEN_AS: Mapping[str, str] = {
    plain(word): column.name for column in COLUMNS for word in (*column.seen_as, column.name, column.label)
}


def shape(headings: Sequence[str]) -> str:
    """A fingerprint of the headings in their order: files of one shape share a remembered mapping."""
    return hashlib.sha256("\n".join(plain(heading) for heading in headings).encode()).hexdigest()


def lacks_number(kind: str, columns: Collection[str]) -> bool:
    """Whether a file's students cannot be found again by a number. A CTF knows none but the UPN, when it has one."""
    return kind != "ctf" and not set(NUMBERS) & set(columns)


def known_headings(cells: Sequence[str]) -> int:
    """How many different canonical columns are named in a line: headings have several, a title has none."""
    return len({_SEEN_AS[word] for cell in cells if (word := plain(cell)) in _SEEN_AS})


def suggest(
    headings: Sequence[str], remembered: Mapping[str, str] | None = None, empty: Collection[int] = ()
) -> list[str]:
    """A canonical column for each heading, '' where none fits. No column is suggested twice.

    `remembered` is what plain headings were matched to in files of other shapes. It helps where no name is
    known: "Surname" may have been the contact's there. `empty` are the places of columns with no value in any row:
    they give way to another heading of the same meaning. Columns of a contact are suggested only with a contact's
    name, as a student's own telephone and e-mail have the same headings.
    """
    found = _suggest(headings, remembered, empty)
    if not CONTACT_NAMES & set(found):
        found = ["" if name.startswith("contact_") else name for name in found]
    return found


def _suggest(
    headings: Sequence[str], remembered: Mapping[str, str] | None, empty: Collection[int]
) -> list[str]:
    wanted = [
        _SEEN_AS.get(plain(heading)) or (remembered or {}).get(plain(heading), "") for heading in headings
    ]
    filled = {name for place, name in enumerate(wanted) if place not in empty}
    taken: set[str] = set()
    found: list[str] = []
    for place, name in enumerate(wanted):
        if place in empty and name in filled and name not in _SECOND:
            name = ""  # another column has this fact
        elif name in taken:
            name = _SECOND.get(name, "")
        if name in taken or name not in BY_NAME:
            name = ""
        if name:
            taken.add(name)
        found.append(name)
    return found


def problems(columns: Sequence[str]) -> list[str]:
    """What is wrong with a choice of columns, in words; empty when it can be used."""
    wrong = [
        f"No column is matched to {BY_NAME[name].label.lower()}." for name in REQUIRED if name not in columns
    ]
    chosen = [name for name in columns if name]
    wrong += [
        f"More than one column is matched to {BY_NAME[name].label.lower()}. Choose one."
        for name in dict.fromkeys(chosen)
        if chosen.count(name) > 1
    ]
    if any(BY_NAME[name].of_contact for name in chosen) and not CONTACT_NAMES & set(chosen):
        wrong.append("Columns of a contact are matched, but not the contact’s name.")
    return wrong
