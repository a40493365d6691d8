"""Second pass: the adults of the rows that go in, and what each is to the student (domain 8.1, 1.10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from keywork.names import folded
from keywork.words import worded

from ..models import FamilyLink, FamilyMember
from . import values
from .people import People, index_member, name_of
from .planned import FIELD_LABELS, LinkPlan, MemberPlan, Outcome, RowPlan, StudentPlan, difference
from .rows import Contact

Responsibility = FamilyLink.Responsibility
HOLDS = (Responsibility.YES, Responsibility.UNCONFIRMED)


class ContactMatcher:
    """Goes through the accepted rows in order, keeping the adults and links of the file found so far."""

    def __init__(self, people: People, today: date, choices: Mapping[str, str]) -> None:
        self.people, self.today, self.choices = people, today, choices
        self.made_in: dict[int, int] = {}  # id() of an adult to be made, and the row that makes them
        self.members: dict[int, MemberPlan] = {}  # by id() of the row: those to be made have no key yet
        self.links: dict[tuple[int, int], LinkPlan] = {}
        self.of_student: dict[int, list[LinkPlan]] = defaultdict(list)
        self.rows_of_member: dict[int, list[RowPlan]] = defaultdict(list)

    def add(self, row: RowPlan) -> None:
        contact, student = row.contact, row.student
        if contact is None or student is None:
            return
        member = self._member(row, contact, student)
        self._fill(row, contact, member)
        self.rows_of_member[id(member.row)].append(row)
        self._link(row, contact, student, member)

    # ------------------------------------------------------------------ adults

    def _member(self, row: RowPlan, contact: Contact, student: StudentPlan) -> MemberPlan:
        found, doubtful = self._known_adult(contact, student)
        if found is None and doubtful:
            found = self._asked(row, contact, doubtful)
        if found is None:
            found = FamilyMember(forename=contact.forename, surname=contact.surname, **contact.member)
            index_member(self.people, found)
            self.made_in[id(found)] = row.number
            self.members[id(found)] = MemberPlan(found, True, dict(contact.member))
        return self.members.setdefault(id(found), MemberPlan(found, False))

    def _known_adult(
        self, contact: Contact, student: StudentPlan
    ) -> tuple[FamilyMember | None, list[FamilyMember]]:
        """The adult this is, and, where nobody is, those it may be: a person must say.

        By their MIS number; by name among this student's family; by name with a way to reach them, anywhere.
        Of one name in one family, what they are to the student tells them apart (father and grandfather). In another
        family a differing address makes it doubtful, however alike their telephone.
        """
        mis_id = contact.member.get("mis_id")
        if mis_id and (member := self.people.members_by_mis_id.get(mis_id)):
            return member, []
        namesakes = [
            member
            for member in self.people.members_by_name.get(name_of(contact), ())
            if not (mis_id and member.mis_id)
        ]
        in_file = {id(link.row.member): link.row for link in self.of_student[id(student)]}
        family = {id(link.member): link for link in self._here(student)} | in_file
        kin = contact.link.get("relationship", "") if not contact.only_a_code else ""
        reachable = [member for member in namesakes if _reached_alike(member, contact)]
        at_home = [member for member in namesakes if id(member) in family]
        for member in (
            *(m for m in at_home if m in reachable and _same_kin(family[id(m)].relationship, kin)),
            *(m for m in at_home if _same_kin(family[id(m)].relationship, kin)),
        ):
            return member, []
        # Another word for what they are: still they, if their own e-mail or mobile says so, or if the file has
        # no other row that could be they.
        free = [m for m in at_home if id(m) not in in_file or _personally_alike(m, contact)]
        for member in (*(m for m in free if m in reachable), *(m for m in free if not _reaches(m, contact))):
            return member, []
        if free:
            return None, free
        if at_home:
            return None, []  # father and grandfather of one name, in two rows of one file
        doubtful = [m for m in reachable if _lives_elsewhere(m, contact)]
        for member in reachable:
            if member not in doubtful:
                return member, []
        return None, doubtful

    def _asked(self, row: RowPlan, contact: Contact, doubtful: list[FamilyMember]) -> FamilyMember | None:
        """What was answered about this row; nobody (so someone new) until it is."""
        options = {f"{m.pk}" if m.pk else f"row {self.made_in[id(m)]}": m for m in doubtful}
        row.contact_options = [
            (key, ", ".join(filter(None, [m.name, m.address or m.mobile or m.phone or m.email])))
            for key, m in options.items()
        ]
        answer = self.choices.get(f"contact {row.number}", "")
        if answer in options:
            return options[answer]
        if not answer:
            row.warn(
                f"{contact.name} may be the same person as {' or '.join(label for _, label in row.contact_options)}. "
                "Unless somebody says so, they are kept as two."
            )
        return None

    def _fill(self, row: RowPlan, contact: Contact, plan: MemberPlan) -> None:
        """Take what the row adds; where two rows of the file differ about one adult the first is kept."""
        fields = {"forename": contact.forename, "surname": contact.surname, **contact.member}
        for name, value in fields.items():
            if not value:
                continue
            if name in ("mobile", "phone") and _same_phone(getattr(plan.row, name), value):
                value = getattr(plan.row, name)  # +44 7700 900801 and 07700 900801 are one number
            if name == "phone" and _same_phone(plan.fields.get("mobile") or plan.row.mobile, value):
                continue  # their mobile once more
            if name in plan.fields and not _same_text(name, plan.fields[name], value):
                row.warn(
                    f"An earlier row gives another {FIELD_LABELS[name].lower()} for {plan.row.name}: that one is kept."
                )
                continue
            plan.fields.setdefault(name, value)
        if plan.is_new:
            if not self.rows_of_member[id(plan.row)]:
                row.changes.append(f"New contact: {contact.name}")
                if row.outcome == Outcome.SAME:
                    row.outcome = Outcome.CREATE
            for name, value in plan.fields.items():
                setattr(plan.row, name, value)
            return
        fresh = {name: value for name, value in plan.fields.items() if name not in plan.changed}
        changes = difference(plan.row, fresh, f"{plan.row.name}: ")
        if changes:
            row.changes += changes
            plan.changed += [name for name, value in fresh.items() if getattr(plan.row, name) != value]
            _at_least_update(row)
            if "email" in plan.changed:
                self.people.members_by_email[plan.fields["email"]].append(plan.row)

    # ------------------------------------------------------------------- links

    def _link(self, row: RowPlan, contact: Contact, student: StudentPlan, member: MemberPlan) -> None:
        key = (id(student), id(member.row))
        if key in self.links:
            row.warn(
                f"{member.row.name} stands in an earlier row for this {worded('student')} already; this one adds nothing."
            )
            return
        here = [link for link in self._here(student) if link.member is member.row]
        link = next((link for link in here if link.ended_on is None), None)
        if link is None and here:
            row.warn(
                f"{member.row.name} was ended as a contact on {here[-1].ended_on:%-d %B %Y}, and stays so."
            )
            return
        plan = (
            self._new_link(row, contact, student, member)
            if link is None
            else self._change(row, contact, student, member, link)
        )
        self.links[key] = plan
        self.of_student[id(student)].append(plan)

    def _here(self, student: StudentPlan) -> list[FamilyLink]:
        return self.people.links[student.existing.pk] if student.existing else []

    def _new_link(self, row: RowPlan, contact: Contact, student: StudentPlan, member: MemberPlan) -> LinkPlan:
        link = FamilyLink(member=member.row, **contact.link)
        if "priority" not in contact.link:
            link.priority = (
                1 + len(self.of_student[id(student)]) + sum(x.ended_on is None for x in self._here(student))
            )
        if contact.shut or (link.has_pr == Responsibility.NO and not link.lives_with):
            # Neither responsible nor at home: a neighbour to ring in need is not someone to write to.
            link.may_receive_reports = link.may_receive_keywork_contact = False
        if not member.is_new or self.rows_of_member[id(member.row)][0] is not row:
            row.changes.append(f"{member.row.name} becomes a contact of this {worded('student')}")
            _at_least_update(row)
        return LinkPlan(student, member, link, True)

    def _change(
        self, row: RowPlan, contact: Contact, student: StudentPlan, member: MemberPlan, link: FamilyLink
    ) -> LinkPlan:
        fields: dict[str, Any] = dict(contact.link)
        if contact.is_hearsay and link.has_pr != Responsibility.UNKNOWN:
            fields.pop("has_pr", None)  # hearsay never replaces what the school has confirmed
        if fields.get("has_pr") == Responsibility.NO != link.has_pr and not fields.get(
            "lives_with", link.lives_with
        ):
            fields |= {"may_receive_reports": False, "may_receive_keywork_contact": False}
        if contact.only_a_code and link.relationship:
            del fields["relationship"]
        changes = difference(link, fields, f"{member.row.name}: ")
        changed = [name for name, value in fields.items() if getattr(link, name) != value]
        for name in changed:
            setattr(link, name, fields[name])
        if changes:
            row.changes += changes
            _at_least_update(row)
        return LinkPlan(student, member, link, False, changed)

    # ---------------------------------------------------------------- warnings

    def warn(self, students: list[StudentPlan], has_contacts: bool) -> None:
        """What only shows once all rows are in: nobody responsible, one e-mail in two homes, parents who work here."""
        if has_contacts:
            for student in students:
                links = [link.row for link in self.of_student[id(student)]]
                links += [link for link in self._here(student) if link.ended_on is None]
                if student.accepted and not any(link.has_pr in HOLDS for link in links):
                    student.accepted[0].warn("No contact has parental responsibility.")
        homes = self._homes()
        for plan in self.members.values():
            email = str(plan.fields.get("email", ""))
            for row in self.rows_of_member[id(plan.row)][:1]:
                others = (
                    {id(m): m for m in self.people.members_by_email.get(email, ()) if m is not plan.row}
                    if email
                    else {}
                )
                for other in others.values():
                    if homes[id(other)].isdisjoint(homes[id(plan.row)]):
                        row.warn(
                            f"{plan.row.name} and {other.name} have the same e-mail but do not live together."
                        )
                if email in self.people.staff_emails and plan.row.user_id is None:
                    row.warn(
                        f"{plan.row.name} works here: as staff they will not see this {worded('student')}’s record."
                    )

    def _homes(self) -> dict[int, set[object]]:
        """Where each adult lives: with which students, and which households the school has named."""
        homes: dict[int, set[object]] = defaultdict(set)
        for links in self.people.links_of_member.values():
            for link in links:
                if link.ended_on is None and link.lives_with:
                    homes[id(link.member)].add(link.student_id)
                if link.household:
                    homes[id(link.member)].add(link.household)
        for plan in self.links.values():
            if plan.row.lives_with:
                homes[id(plan.member.row)].add(
                    plan.student.existing.pk if plan.student.existing else id(plan.student)
                )
        return homes


def _reached_alike(member: FamilyMember, contact: Contact) -> bool:
    """One e-mail or telephone number in common, whichever of their numbers it is. Placeholders are nobody's."""
    return bool(_ways(member.email, member.mobile, member.phone) & _ways_of(contact))


def _reaches(member: FamilyMember, contact: Contact) -> bool:
    """Whether there is anything of both by which they might be compared."""
    return bool(_ways(member.email, member.mobile, member.phone)) and bool(_ways_of(contact))


def _personally_alike(member: FamilyMember, contact: Contact) -> bool:
    """One e-mail or mobile in common: a telephone at home is shared."""
    mine = contact.member
    return bool(
        _ways(member.email, member.mobile, "") & _ways(mine.get("email", ""), mine.get("mobile", ""), "")
    )


def _ways_of(contact: Contact) -> set[str]:
    mine = contact.member
    return _ways(mine.get("email", ""), mine.get("mobile", ""), mine.get("phone", ""))


def _ways(email: str, *phones: str) -> set[str]:
    found = {values.phone_key(number) for number in phones if number}
    if email and not values.is_no_email(email):
        found.add(email.lower())
    return found - {""}


def _lives_elsewhere(member: FamilyMember, contact: Contact) -> bool:
    theirs, mine = folded(member.address), folded(contact.member.get("address", ""))
    return bool(theirs and mine) and theirs != mine


_KIN = {
    "mum": "mother",
    "mam": "mother",
    "mom": "mother",
    "mummy": "mother",
    "dad": "father",
    "daddy": "father",
}


def _same_kin(one: str, other: str) -> bool:
    """Whether two relationships may be one: the same word, or not said."""
    one, other = folded(one), folded(other)
    return not one or not other or _KIN.get(one, one) == _KIN.get(other, other)


def _same_phone(one: str, other: str) -> bool:
    return bool(key := values.phone_key(one)) and key == values.phone_key(other)


def _same_text(name: str, one: str, other: str) -> bool:
    return folded(one) == folded(other) or (name in ("mobile", "phone") and _same_phone(one, other))


def _at_least_update(row: RowPlan) -> None:
    if row.outcome == Outcome.SAME:
        row.outcome = Outcome.UPDATE
