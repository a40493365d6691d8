"""The access matrix, written by hand: for every URL, who gets in, for Mina ("mine") and for Otto ("other").

Only permissions are typed; whoever is not named is refused, and how is said by `door`:
  staff    any member of staff might hold it for some student, so for this one the answer is 404; others 403
  family   the same for families;  student  the same for students
  anyone   the same for all who have an account
  role     a role holds it or not: 403
Signed out and deactivated people are sent to sign in (302). Never derive a row from access.GRANTS: then a
widened grant would move the expectation with it.

`get` and `post` are the answers to those who get in, `post` to an empty form. Several codes where a page may
answer either way. A row with no `other` is about no student at all. `rule_mine` and `rule_other` name those
whom the door lets in and the record's own rule answers otherwise ("only who made it may change it").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# People, by what they are to Mina.
TEAM = "keyworker deputy mentor member"
PAIR = "keyworker deputy"
NAMED = TEAM + " teacher"
AROUND = NAMED + " house_leader"  # who opens the front of a record
LEADERS = "head coordinator dsl senco slt"
SHEET_READERS = "head coordinator dsl senco"
KEEPERS = "head coordinator senco"
HOLDERS = "keyworker deputy mentor head coordinator dsl senco"  # who hold meetings and announce decisions
TICKERS = "keyworker deputy mentor head coordinator"  # who tick the lists
TICKERS_OTHER = "keyworker_other head coordinator"
HOLDERS_OTHER = "keyworker_other head coordinator dsl senco"
ALL_STAFF = (
    "keyworker keyworker_other former future deputy mentor member teacher house_leader staff_parent "
    "head coordinator dsl senco slt admin"
)
EVERYONE = ALL_STAFF + " parent parent_other parent_restricted parent_former student student_other"

Args = Callable[[Any, Any], dict[str, Any]]


def only_student(w: Any, student: Any) -> dict[str, Any]:
    return {"student_id": student.pk}


def only_pk(w: Any, student: Any) -> dict[str, Any]:
    return {"pk": student.pk}


def nothing(w: Any, student: Any) -> dict[str, Any]:
    return {}


def with_tool(tool: str) -> Args:
    return lambda w, student: {"pk": student.pk, "tool": tool}


def their(name: str) -> Args:
    """The key of one of the student's records (records.add_one_of_each)."""
    return lambda w, student: {"pk": getattr(w.of[student.pk], name).pk}


def beside(argument: str, name: str) -> Args:
    """The student, and one of their records under a second key."""
    return lambda w, student: {"pk": student.pk, argument: getattr(w.of[student.pk], name).pk}


def their_plan(kind: str) -> Args:
    """What can be shown of the student: the newest version of a plan."""

    def args(w: Any, student: Any) -> dict[str, Any]:
        return {"pk": student.pk, "what": "plan", "item_id": w.of[student.pk].kept[kind].pk}

    return args


def of_kind(kind: str, **more: int) -> Args:
    """The student's plan of a kind."""
    return lambda w, student: {"pk": student.pk, "kind": kind, **more}


def with_member(w: Any, student: Any) -> dict[str, Any]:
    """The student, and who is family of theirs."""
    return {"pk": student.pk, "member_pk": w.of[student.pk].link.member_id}


def in_point(name: str, **slugs: str) -> Args:
    """The student with the term and kind of one of their assessment points."""

    def args(w: Any, student: Any) -> dict[str, Any]:
        point = getattr(w.of[student.pk], name)
        return {"pk": student.pk, "term": point.term, "kind": point.kind, **slugs}

    return args


def tool_alone(tool: str) -> Args:
    """A soft tool, of whoever asks."""
    return lambda w, student: {"tool": tool}


def in_sheet(name: str, **slugs: str) -> Args:
    """A part of one of the student's sheets."""
    return lambda w, student: {"pk": getattr(w.of[student.pk], name).pk, **slugs}


def first_version(w: Any, student: Any) -> dict[str, Any]:
    return {"pk": student.pk, "number": 1}


def said_of_decision(w: Any, student: Any) -> dict[str, Any]:
    """What the student says of the decision."""
    row = w.of[student.pk].decision
    return {"pk": student.pk, "decision_id": row.pk, "reader_id": w.of[student.pk].decision_reader.pk}


def in_review(name: str = "", **slugs: str) -> Args:
    """A part of the student's review: a person, a change asked for, or a step."""

    def args(w: Any, student: Any) -> dict[str, Any]:
        theirs = w.of[student.pk]
        part = {f"{name}_id": getattr(theirs, f"review_{name}").pk} if name else {}
        return {"pk": student.pk, "review_id": theirs.review.pk, **part, **slugs}

    return args


def importing(name: str) -> Args:
    return lambda w, student: {"pk": w.importing[name].pk}


def account_of(actor: str) -> Args:
    return lambda w, student: {"pk": w.users[actor].pk}


def authority_form(w: Any, student: Any) -> dict[str, Any]:
    return {"pk": w.authority_form.pk}


def for_authority(w: Any, student: Any) -> dict[str, Any]:
    """The student, and the authority's form."""
    return {"pk": student.pk, "form_pk": w.authority_form.pk}


def form_version(w: Any, student: Any) -> dict[str, Any]:
    """The first published form."""
    return {"number": 1}


def form_part(**slugs: str) -> Args:
    """A part of the draft of a form."""
    return lambda w, student: dict(slugs)


def this_year(**slugs: str) -> Args:
    """The round that is open."""
    return lambda w, student: {"year": "2026-27", **slugs}


def in_year(**slugs: str) -> Args:
    """The student's assessment of the round that is open."""
    return lambda w, student: {"pk": student.pk, "year": "2026-27", **slugs}


@dataclass(frozen=True)
class Row:
    mine: str
    other: str | None = None
    door: str = "staff"
    get: tuple[int, ...] = (200,)
    post: tuple[int, ...] = (405,)
    args: Args = field(default=nothing)
    rule_mine: Mapping[str, int] = field(default_factory=dict)
    rule_other: Mapping[str, int] = field(default_factory=dict)

    @property
    def may_mine(self) -> frozenset[str]:
        return frozenset(self.mine.split())

    @property
    def may_other(self) -> frozenset[str]:
        return frozenset((self.other or "").split())


# Routes that answer without sign-in, each with its reason.
PUBLIC: dict[str, str] = {
    "portal:manifest": "what a phone shows of Keywork on its first screen",
    "portal:worker": "the service worker: static files, and a page without signal",
    "portal:offline": "the page without signal; says nothing of people",
    "portal:healthz": "asked by the proxy and by monitoring; says nothing of people",
    "portal:help": "how to get in, for somebody who cannot",
    "portal:privacy": "who may see what is no secret, and says nothing of anybody",
    "enquiries:by_link": "somebody outside has no account: the secret address and a code are their sign-in",
    "enquiries_before:by_link": "the same, of links that were sent before",
    "enquiries:signed": "a colleague answers from the mail; the address is signed, and shows a first name at most",
    "reports:outside_by_link": "as enquiries:by_link, of somebody who is sent a report",
    "reports:outside_file": "the report behind that door",
    "portal:first": "before there is an administrator nobody can sign in; a code from the server is asked for",
    "portal:join": "whoever has a letter has no account yet; its code is asked for",
    "portal:calendar_feed": "a calendar program cannot sign in; term dates, nothing of people",
    "home:feed": "the same, of one person's meetings: the address is secret, and says a first name and when",
}
# Of those, what leads to sign-in where there is an administrator.
LEADS_ON = {"portal:first"}
# What a public address is asked with. An unknown link is nobody's, and says nothing.
PUBLIC_ARGS: dict[str, dict[str, Any]] = {
    name: {"token": "nobodys-link"}
    for name in (
        "enquiries:by_link",
        "enquiries_before:by_link",
        "reports:outside_by_link",
        "reports:outside_file",
        "portal:calendar_feed",
        "home:feed",
    )
}

PUBLIC_ARGS["enquiries:signed"] = {"signed": "1.nobodys-signature"}

# Routes of allauth: its own doors; tests/signin proves them.
EXEMPT_PREFIXES = ("account_", "mfa_", "openid_connect_")

ANY = (200, 405)  # a page that only shows, asked with POST
FORM = (422,)  # an empty form
EMPTY = (200, 422)  # an empty form, perhaps taken for none
DONE = (302,)  # done, and led on
DONE_OR_AGAIN = (302, 409)  # an empty form clears what stood, unless it says of which version
NEVER = (405,)  # takes no GET

# Whom a "never" is asked of besides the people named: it is the same for all, so not of everybody. Likewise the
# other student where the door refuses by role alone.
ASKED_ANYWAY = frozenset(
    {
        "keyworker", "keyworker_other", "former", "head", "admin",
        "parent", "parent_other", "student", "inactive", "anonymous",
    }
)  # fmt: skip

# Whoever made an entry and the head change it; others of the team read it.
NOT_THEIRS = {"deputy": 403, "mentor": 403, "member": 403}

TABLE: dict[str, Row] = {
    # ---------------------------------------------------------------- front doors
    "portal:home": Row(EVERYONE, door="role", get=DONE, post=DONE),
    "portal:today": Row(ALL_STAFF, door="role", post=ANY),
    "portal:card": Row(TEAM + " head", "keyworker_other head", get=DONE, post=DONE, args=only_student),
    "portal:oversight": Row(LEADERS, door="role", post=ANY),
    "portal:oversight_terms": Row(LEADERS, door="role"),
    "portal:oversight_report": Row(LEADERS, door="role", args=lambda w, s: {"term": "2026-27-autumn"}),
    "portal:oversight_csv": Row(LEADERS, door="role", post=ANY),
    "portal:oversight_xlsx": Row(LEADERS, door="role", post=ANY),
    "portal:save_filter": Row(LEADERS, door="role", get=NEVER, post=FORM),
    "portal:remove_filter": Row(
        LEADERS,
        door="role",
        get=NEVER,
        post=DONE,
        args=lambda w, s: {"pk": w.kept_filter.pk},
        rule_mine=dict.fromkeys(("coordinator", "dsl", "senco", "slt"), 404),  # the Head's own
    ),
    "portal:figures": Row(LEADERS, door="role"),
    "portal:figures_csv": Row(LEADERS, door="role"),
    "portal:figures_xlsx": Row(LEADERS, door="role"),
    "portal:figure": Row(LEADERS, door="role", args=lambda w, s: {"name": "homes"}),
    "portal:silences": Row(LEADERS, door="role"),
    "portal:silences_csv": Row(LEADERS, door="role"),
    "portal:silences_xlsx": Row(LEADERS, door="role"),
    "portal:search": Row(ALL_STAFF, door="role", post=ANY),
    # ---------------------------------------------------------------- one's own
    "portal:setup": Row("admin", door="role", post=DONE),
    "portal:invitations": Row("admin", door="role", post=DONE),  # nobody waits here
    "portal:invitation_letters": Row("admin", door="role", get=DONE, post=(200, 302)),
    "portal:invitation_letters_posted": Row("admin", door="role", get=NEVER, post=DONE),
    "portal:ask_change": Row("student student_other", door="role", post=DONE),
    "portal:sign_in_card": Row(f"{PAIR} admin", "keyworker_other admin", post=DONE, args=only_pk),
    "portal:sign_in_card_pdf": Row(f"{PAIR} admin", "keyworker_other admin", args=only_pk),
    "portal:sign_in_card_end": Row(
        f"{PAIR} admin", "keyworker_other admin", get=NEVER, post=DONE, args=only_pk
    ),
    "portal:pass_on": Row(
        f"{NAMED} coordinator dsl senco slt",
        "keyworker_other coordinator dsl senco slt",
        post=FORM,
        args=only_pk,
    ),
    "portal:answer_change": Row(
        "head",
        "head",
        "role",
        post=FORM,
        args=their("change_request"),
        rule_mine={"dsl": 404},  # stands in where every Head is family
        rule_other={"dsl": 404},
    ),
    "portal:calendar": Row(ALL_STAFF, door="role"),
    "portal:calendar_days_off": Row("head admin", door="role", post=FORM),
    "portal:calendar_take_back_closure": Row(
        "head admin", door="role", post=(200,), args=lambda w, s: {"pk": w.closure.pk}
    ),
    "portal:calendar_take_back_inset": Row(
        "head admin", door="role", post=(200,), args=lambda w, s: {"pk": w.inset.pk}
    ),
    "portal:calendar_copy_year": Row("head admin", door="role", get=NEVER, post=DONE),
    "portal:calendar_half_terms": Row(
        "head admin", door="role", post=FORM, args=lambda w, s: {"slug": "2026-27"}
    ),
    "portal:policy": Row(ALL_STAFF, door="role"),
    "portal:policy_preset": Row("head", door="role", post=FORM),
    "portal:policy_rule": Row(
        "head", door="role", post=FORM, args=lambda w, s: {"name": "contact_interval_days"}
    ),
    "portal:staff_away": Row("head slt admin", door="role", post=FORM),
    "portal:staff_away_remove": Row(
        "head slt admin", "head slt admin", "role", get=NEVER, post=DONE, args=their("away")
    ),
    "portal:me": Row(EVERYONE, door="role", post=(302, 405)),
    "portal:unsent": Row(EVERYONE, get=(302,), post=(302,)),
    "portal:digest": Row(ALL_STAFF, door="role", get=NEVER, post=FORM),
    "portal:away": Row(ALL_STAFF, door="role", get=NEVER, post=FORM),
    "portal:away_remove": Row("keyworker", "keyworker_other", get=NEVER, post=DONE, args=their("away")),
    # ---------------------------------------------------------------- families and students
    # A family account whose child is no longer, or not yet, theirs to follow is told whom to ask.
    "portal:family": Row("parent parent_other parent_restricted parent_former staff_parent", door="role"),
    "portal:family_child": Row("parent staff_parent", "parent_other", "family", args=only_student),
    "portal:family_progress": Row("parent staff_parent", "parent_other", "family", args=only_student),
    "portal:my_page": Row("student student_other", door="role"),
    # ---------------------------------------------------------------- homes of those who lead
    "portal:coordinator": Row("head coordinator", door="role"),
    "portal:safeguarding": Row("dsl", door="role"),
    # Those whose plan one keeps: a keyworker's own, nobody's for others.
    "portal:reviews": Row(ALL_STAFF, door="role"),
    "portal:administrator": Row("admin", door="role"),
    # ---------------------------------------------------------------- the assignments board
    "portal:assignments": Row("head", door="role"),
    "portal:assign": Row("head", "head", "role", post=FORM, args=only_student),
    "portal:end_assignment": Row("head", "head", "role", post=FORM, args=their("assignment")),
    "portal:take_back": Row("head", "head", "role", post=FORM, args=their("planned")),
    "portal:hand_over": Row(
        "head", "head", "role", post=FORM, args=lambda w, s: {"user_id": w.of[s.pk].assignment.user_id}
    ),
    # ---------------------------------------------------------------- Keywork itself
    "reports:letterhead": Row("admin coordinator", door="role", post=FORM),
    "reports:letterhead_logo": Row("admin coordinator", door="role", get=(404,)),
    "portal:health": Row("admin", door="role", post=DONE),
    # ---------------------------------------------------------------- accounts
    "portal:accounts": Row("admin", door="role", post=ANY),
    "portal:invite_staff": Row("admin", door="role", post=EMPTY),
    "portal:invite_family": Row("admin", door="role"),
    "portal:invite_student": Row("admin", door="role"),
    "portal:account": Row("admin", door="role", post=FORM, args=account_of("teacher")),
    "portal:account_close": Row("admin", door="role", get=NEVER, post=FORM, args=account_of("teacher")),
    "portal:account_reopen": Row("admin", door="role", get=NEVER, post=FORM, args=account_of("inactive")),
    "portal:account_reset": Row("admin", door="role", get=NEVER, post=FORM, args=account_of("teacher")),
    # ---------------------------------------------------------------- what somebody is typing
    "keywork:draft": Row(
        TEAM + " head",
        "keyworker_other head",
        get=NEVER,
        post=(204,),
        args=lambda w, student: {"student_id": student.pk, "form": "contact-new"},
    ),
    "keywork:form_draft": Row(
        ALL_STAFF, door="role", get=NEVER, post=(204,), args=lambda w, student: {"form": "tsp-scale"}
    ),
    # ---------------------------------------------------------------- the record
    "students:list": Row(ALL_STAFF, door="role", post=ANY),
    "students:record": Row(
        f"{AROUND} {LEADERS} admin", f"keyworker_other {LEADERS} admin", post=ANY, args=only_pk
    ),
    "students:photo": Row(f"{AROUND} {LEADERS} admin", f"keyworker_other {LEADERS} admin", args=only_pk),
    "students:people": Row(
        f"{AROUND} {LEADERS} admin", f"keyworker_other {LEADERS} admin", post=ANY, args=only_pk
    ),
    "students:keyworkers": Row(
        f"{AROUND} {LEADERS} admin", f"keyworker_other {LEADERS} admin", post=ANY, args=only_pk
    ),
    "students:hand_over": Row("keyworker head", "keyworker_other head", post=FORM, args=only_pk),
    "students:hand_over_read": Row(
        "keyworker head", "keyworker_other head", get=NEVER, post=DONE, args=beside("note_id", "hand_over")
    ),
    "students:own_choice": Row(
        f"{PAIR} head dsl senco", "keyworker_other head dsl senco", post=FORM, args=only_pk
    ),
    "students:openings": Row("head dsl", "head dsl", "role", post=ANY, args=only_pk),
    "students:share": Row("head dsl", "head dsl", "role", get=NEVER, post=FORM, args=only_pk),
    "students:end_share": Row(
        "head dsl", "head dsl", "role", get=NEVER, post=DONE, args=beside("access_id", "access")
    ),
    "students:add_absence": Row(
        f"{PAIR} head admin", "keyworker_other head admin", get=NEVER, post=FORM, args=only_pk
    ),
    "students:remove_absence": Row(
        f"{PAIR} head admin",
        "keyworker_other head admin",
        get=NEVER,
        post=DONE,
        args=beside("absence_id", "absence"),
    ),
    # ---------------------------------------------------------------- the EHC plan
    "care:plan": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "care:plan_version": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=first_version),
    "care:plan_pdf": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=first_version),
    "care:lists_board": Row(ALL_STAFF, door="role"),
    "care:list_edit": Row("coordinator", door="role", post=FORM, args=lambda w, s: {"slug": "induction"}),
    "care:checklists": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "care:checklist_begin": Row(TICKERS, TICKERS_OTHER, get=NEVER, post=DONE, args=only_pk),
    "care:checklist": Row(
        f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=beside("list_id", "checklist")
    ),
    "care:checklist_end": Row(TICKERS, TICKERS_OTHER, post=FORM, args=beside("list_id", "checklist")),
    "care:point": Row(TICKERS, TICKERS_OTHER, post=FORM, args=beside("point_id", "list_point")),
    "care:point_tick": Row(
        TICKERS, TICKERS_OTHER, get=NEVER, post=DONE, args=beside("point_id", "list_point")
    ),
    "care:meetings": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    # Staff who are asked to come read a meeting as well: the teacher of Mina.
    "care:meeting": Row(
        f"{TEAM} teacher {LEADERS}", f"keyworker_other {LEADERS}", args=beside("meeting_id", "held_meeting")
    ),
    "care:meeting_add": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=only_pk),
    "care:meeting_edit": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=beside("meeting_id", "held_meeting")),
    "care:meeting_minutes": Row(HOLDERS, HOLDERS_OTHER, post=DONE, args=beside("meeting_id", "held_meeting")),
    "care:meeting_summary": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=beside("meeting_id", "held_meeting")),
    "care:meeting_call_off": Row(
        HOLDERS, HOLDERS_OTHER, post=FORM, args=beside("meeting_id", "held_meeting")
    ),
    "care:meeting_agree": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=beside("meeting_id", "held_meeting")),
    # Its owner as well, the teacher of Mina.
    "care:action": Row(
        f"{TEAM} teacher {LEADERS}",
        f"keyworker_other {LEADERS}",
        post=FORM,
        args=beside("action_id", "action"),
    ),
    "care:action_undo": Row(
        f"{TEAM} teacher {LEADERS}",
        f"keyworker_other {LEADERS}",
        get=NEVER,
        post=DONE,
        args=beside("action_id", "action"),
    ),
    "care:decisions": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "care:decision": Row(
        f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=beside("decision_id", "decision")
    ),
    "care:decision_add": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=only_pk),
    "care:decision_withdraw": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=beside("decision_id", "decision")),
    "care:decision_said": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=said_of_decision),
    "care:decision_reply": Row(HOLDERS, HOLDERS_OTHER, post=FORM, args=said_of_decision),
    "care:plan_add": Row(f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=only_pk),
    "care:plan_edit": Row(f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=first_version),
    "care:outcome_add": Row(f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=only_pk),
    "care:outcome_edit": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("outcome_id", "outcome")
    ),
    "care:outcome_status": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("outcome_id", "outcome")
    ),
    # One that no goal works towards.
    "care:outcome_remove": Row(
        f"{PAIR} {KEEPERS}",
        f"keyworker_other {KEEPERS}",
        post=DONE,
        args=beside("outcome_id", "outcome_free"),
    ),
    "care:reviews": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "care:review": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=beside("review_id", "review")),
    "care:review_talk": Row(
        f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=beside("review_id", "review")
    ),
    "care:review_papers": Row("parent", "parent_other", "family", args=beside("review_id", "review")),
    "care:review_add": Row(f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=only_pk),
    "care:review_move": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("review_id", "review")
    ),
    "care:review_void": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("review_id", "review")
    ),
    "care:review_step": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=in_review(step="papers")
    ),
    "care:review_person_add": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("review_id", "review")
    ),
    "care:review_person": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=DONE, args=in_review("person")
    ),
    "care:review_person_again": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=DONE, args=in_review("person")
    ),
    "care:review_person_out": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=in_review("person")
    ),
    "care:review_change_add": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("review_id", "review")
    ),
    "care:review_change": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=in_review("change")
    ),
    "care:assessment": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "care:cycle_add": Row(f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=only_pk),
    "care:cycle": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("cycle_id", "cycle")
    ),
    "care:cycle_void": Row(
        f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=beside("cycle_id", "cycle")
    ),
    "care:assessment_add": Row(f"{PAIR} {KEEPERS}", f"keyworker_other {KEEPERS}", post=FORM, args=only_pk),
    "care:assessment_edit": Row(
        f"{PAIR} {KEEPERS}",
        f"keyworker_other {KEEPERS}",
        post=FORM,
        args=beside("assessment_id", "assessment"),
    ),
    "care:assessment_void": Row(
        f"{PAIR} {KEEPERS}",
        f"keyworker_other {KEEPERS}",
        post=FORM,
        args=beside("assessment_id", "assessment"),
    ),
    # The plans a keyworker keeps; these rows are of the one for the fewest, which no leader but the DSL reads.
    # Of the safeguarding plan: a Head shows nothing that they do not read.
    "care:share": Row(f"{PAIR} dsl", "keyworker_other dsl", post=FORM, args=their_plan("safeguarding")),
    "care:shared_of": Row(f"{PAIR} head dsl", "keyworker_other head dsl", args=only_pk),
    "care:shared_end": Row(
        f"{PAIR} dsl", "keyworker_other dsl", get=NEVER, post=DONE, args=beside("shared_id", "shown")
    ),
    "care:shared_with_me": Row(ALL_STAFF, door="role"),
    # Shown to a member of staff who stands in no relation to either.
    "care:shared": Row("admin", "admin", args=their("shown")),
    "care:documents": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    # A document of the level that the pair and the safeguarding lead read.
    "care:document": Row(f"{PAIR} dsl", "keyworker_other dsl", args=beside("document_id", "document")),
    "care:document_file": Row(f"{PAIR} dsl", "keyworker_other dsl", args=beside("document_id", "document")),
    "care:document_add": Row(f"{TEAM} head", "keyworker_other head", post=FORM, args=only_pk),
    "care:document_void": Row(PAIR, "keyworker_other", post=FORM, args=beside("document_id", "document")),
    "care:resource_add": Row(f"{PAIR} dsl senco", "keyworker_other dsl senco", post=FORM, args=only_pk),
    "care:resource_edit": Row(
        f"{PAIR} dsl senco", "keyworker_other dsl senco", post=FORM, args=beside("resource_id", "resource")
    ),
    "care:tried_add": Row(NAMED, "keyworker_other", post=FORM, args=only_pk),
    # By who wrote it, and who keeps the profile: here both are the keyworker's.
    "care:tried_void": Row(PAIR, "keyworker_other", post=FORM, args=beside("tried_id", "tried")),
    # To say that one has read it is for the keyworker; of a Head nothing comes of it.
    "care:taking_over": Row("keyworker head", "keyworker_other head", post=FORM + DONE, args=only_pk),
    "care:kept_list": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "care:kept": Row(f"{TEAM} dsl", "keyworker_other dsl", args=of_kind("safeguarding")),
    "care:kept_version": Row(f"{TEAM} dsl", "keyworker_other dsl", args=of_kind("safeguarding", number=1)),
    "care:kept_read": Row(
        f"{TEAM} dsl", "keyworker_other dsl", get=NEVER, post=DONE, args=of_kind("safeguarding", number=1)
    ),
    "care:kept_write": Row(f"{PAIR} dsl", "keyworker_other dsl", post=FORM, args=of_kind("safeguarding")),
    "care:kept_end": Row(f"{PAIR} dsl", "keyworker_other dsl", post=FORM, args=of_kind("safeguarding")),
    "care:kept_home": Row("parent staff_parent", "parent_other", "family", args=of_kind("health")),
    "reports:kept_plan": Row(f"{TEAM} dsl", "keyworker_other dsl", args=of_kind("safeguarding", number=1)),
    # ---------------------------------------------------------------- keeping people's details
    "students:add": Row("admin", door="role", post=FORM),
    "students:edit": Row("admin", "admin", "role", post=FORM, args=only_pk),
    "students:come_back": Row("admin", "admin", "role", get=DONE, post=DONE, args=only_pk),
    "students:family_add": Row("admin", "admin", "role", post=FORM, args=only_pk),
    "students:family_edit": Row("admin", "admin", "role", post=FORM, args=beside("link_id", "link")),
    "students:read_first": Row(
        f"{TEAM} head admin", "keyworker_other head admin", post=DONE_OR_AGAIN, args=only_pk
    ),
    "students:number": Row(
        f"{TEAM} head admin",
        "keyworker_other head admin",
        post=DONE_OR_AGAIN,
        args=beside("link_id", "link"),
    ),
    "students:family_end": Row("admin", "admin", "role", post=FORM, args=beside("link_id", "link")),
    "students:restriction": Row("dsl", "dsl", "role", post=(302, 422), args=beside("link_id", "link")),
    "students:import": Row("admin head", door="role", post=FORM),
    "students:import_preview": Row("admin head", door="role", post=DONE, args=importing("preview")),
    "students:import_columns": Row("admin head", door="role", post=(302, 422), args=importing("columns")),
    "students:import_cancel": Row("admin head", door="role", post=DONE, args=importing("cancel")),
    "students:import_result": Row("admin head", door="role", args=importing("done")),
    "students:weeks": Row("admin head", door="role", post=FORM),
    "students:weeks_preview": Row("admin head", door="role", post=DONE, args=importing("weeks")),
    "students:weeks_columns": Row("admin head", door="role", post=(302, 422), args=importing("weeks")),
    "students:import_rejected": Row("admin head", door="role", args=importing("done")),
    # ---------------------------------------------------------------- the key worker log
    "contacts:log": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_student),
    "contacts:mentoring": Row(ALL_STAFF, door="role", post=FORM),
    "contacts:drop_in": Row(ALL_STAFF, door="role", get=NEVER, post=FORM),
    "contacts:drop_in_add": Row(ALL_STAFF, door="role", get=NEVER, post=FORM),
    "contacts:drop_in_remove": Row(
        "keyworker", "keyworker_other", get=NEVER, post=DONE, args=their("drop_in_time")
    ),
    "contacts:mentoring_slot": Row(TEAM + " head", "keyworker_other head", post=FORM, args=their("slot")),
    "contacts:mentoring_move": Row(TEAM + " head", "keyworker_other head", post=FORM, args=their("slot")),
    "contacts:mentoring_of": Row(
        f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", post=ANY, args=only_student
    ),
    "contacts:pair": Row(
        "keyworker deputy mentor head", "keyworker_other head", post=(200, 302), args=only_student
    ),
    "contacts:brief": Row(
        "keyworker deputy mentor", "keyworker_other", get=(302,), post=DONE, args=only_student
    ),
    "contacts:briefing": Row(f"{NAMED} {LEADERS}", f"keyworker_other {LEADERS}", args=their("briefing")),
    "contacts:holidays": Row(ALL_STAFF, door="role", post=ANY),
    "contacts:log_contact": Row(TEAM + " head", "keyworker_other head", post=FORM, args=only_student),
    "contacts:log_session": Row(TEAM + " head", "keyworker_other head", post=FORM, args=only_student),
    "contacts:contact": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=their("contact")),
    "contacts:session": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=their("session")),
    "contacts:amend_contact": Row(
        "keyworker head", "keyworker_other head", post=FORM, args=their("contact"), rule_mine=NOT_THEIRS
    ),
    "contacts:amend_session": Row(
        "keyworker head", "keyworker_other head", post=FORM, args=their("session"), rule_mine=NOT_THEIRS
    ),
    "contacts:void_contact": Row(
        "keyworker head", "keyworker_other head", post=FORM, args=their("contact"), rule_mine=NOT_THEIRS
    ),
    "contacts:void_session": Row(
        "keyworker head", "keyworker_other head", post=FORM, args=their("session"), rule_mine=NOT_THEIRS
    ),
    "contacts:move_contact": Row(
        "keyworker head", "keyworker_other head", post=FORM, args=their("contact"), rule_mine=NOT_THEIRS
    ),
    "contacts:move_session": Row(
        "keyworker head", "keyworker_other head", post=FORM, args=their("session"), rule_mine=NOT_THEIRS
    ),
    "contacts:undo_contact": Row(
        "keyworker",
        "keyworker_other",
        post=DONE,
        args=their("contact"),
        rule_mine={**NOT_THEIRS, "head": 409},
        rule_other={"head": 409},
    ),
    "contacts:undo_session": Row(
        "keyworker",
        "keyworker_other",
        post=DONE,
        args=their("session"),
        rule_mine={**NOT_THEIRS, "head": 409},
        rule_other={"head": 409},
    ),
    "contacts:approvals": Row("head dsl", door="role"),
    "contacts:approve": Row("head dsl", "head dsl", "role", post=FORM, args=their("late_contact")),
    "contacts:approve_session": Row("head dsl", "head dsl", "role", post=FORM, args=their("late_session")),
    # Those who lead see every one; the pair what was shown to them by name; the Head stands in where nobody leads.
    "safety:say": Row("student student_other", door="role", post=DONE),
    "safety:sent": Row("student student_other", door="role"),
    "safety:choose_child": Row(
        "parent parent_other parent_restricted parent_former staff_parent", door="role", get=(200, 302)
    ),
    "safety:say_home": Row("parent staff_parent", "parent_other", "family", post=FORM, args=only_pk),
    "safety:worries": Row(ALL_STAFF, door="role"),
    "safety:worry": Row(PAIR + " dsl", "keyworker_other dsl", post=FORM, args=their("worry")),
    "contacts:follow_up_contact": Row(
        f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", post=FORM, args=their("contact")
    ),
    "contacts:follow_up_session": Row(
        f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", post=FORM, args=their("session")
    ),
    "contacts:follow_ups": Row(ALL_STAFF, door="role"),
    # Whoever asked; here each student's keyworker.
    "contacts:follow_up_take_back": Row(
        "keyworker", "keyworker_other", get=NEVER, post=DONE, args=their("follow_up")
    ),
    "contacts:follow_up_ask_another": Row("keyworker", "keyworker_other", post=FORM, args=their("follow_up")),
    "contacts:holds": Row("head dsl", "head dsl", "role", post=FORM, args=only_student),
    "contacts:check_ups": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", post=ANY, args=only_student),
    "contacts:begin_check_up": Row(
        f"{PAIR} coordinator", "keyworker_other coordinator", get=NEVER, post=DONE, args=only_student
    ),
    "contacts:read_check_up": Row(
        f"{PAIR} coordinator", "keyworker_other coordinator", get=NEVER, post=DONE, args=their("check_up")
    ),
    "contacts:letters": Row(TEAM + " head", "keyworker_other head", post=ANY, args=only_student),
    "contacts:write_letter": Row(TEAM + " head", "keyworker_other head", post=FORM, args=only_student),
    "contacts:new_log_address": Row(
        TEAM + " head", "keyworker_other head", get=NEVER, post=DONE, args=only_student
    ),
    "contacts:log_mail": Row(TEAM + " head", "keyworker_other head", post=FORM, args=their("mail")),
    "contacts:throw_mail_away": Row(
        TEAM + " head", "keyworker_other head", get=NEVER, post=DONE, args=their("mail")
    ),
    "contacts:put_mail_back": Row(
        TEAM + " head", "keyworker_other head", get=NEVER, post=DONE, args=their("mail")
    ),
    # One that waits is opened by those who may put it in the log.
    "contacts:mail_file": Row(
        TEAM + " head",
        "keyworker_other head",
        post=NEVER,
        args=their("mail_file"),
        rule_mine=dict.fromkeys(["coordinator", "dsl", "senco", "slt"], 404),
        rule_other=dict.fromkeys(["coordinator", "dsl", "senco", "slt"], 404),
    ),
    "contacts:households": Row(LEADERS, door="role"),
    "contacts:misses": Row(LEADERS, door="role"),
    "contacts:households_csv": Row(LEADERS, door="role"),
    "contacts:households_xlsx": Row(LEADERS, door="role"),
    "contacts:misses_csv": Row(LEADERS, door="role"),
    "contacts:misses_xlsx": Row(LEADERS, door="role"),
    "contacts:explain_miss": Row(f"{TEAM} head", "keyworker_other head", post=FORM, args=their("miss")),
    "contacts:acknowledge_miss": Row("head", "head", "role", get=NEVER, post=DONE, args=their("miss")),
    "contacts:withdraw_miss": Row("head", "head", "role", post=FORM, args=their("miss")),
    "contacts:end_hold": Row("head dsl", "head dsl", "role", get=NEVER, post=DONE, args=their("hold")),
    # ---------------------------------------------------------------- the TSP form, about no student
    "tsp:templates": Row(ALL_STAFF, door="role"),
    "tsp:template": Row(ALL_STAFF, door="role", args=form_version),
    "tsp:preview": Row(ALL_STAFF, door="role", args=lambda w, s: {"number": 1, "audience": "student"}),
    "tsp:diff": Row(ALL_STAFF, door="role", args=form_version),
    "tsp:export": Row(ALL_STAFF, door="role", args=form_version),
    "tsp:proposals": Row(ALL_STAFF, door="role", post=ANY),
    "tsp:propose": Row(ALL_STAFF, door="role", post=FORM),
    "tsp:proposal_answer": Row(
        "coordinator", door="role", post=FORM, args=lambda w, s: {"pk": w.tsp_proposal.pk}
    ),
    "tsp:start_draft": Row("coordinator", door="role", get=NEVER, post=DONE),
    "tsp:discard_draft": Row("coordinator", door="role", post=DONE),
    "tsp:publish": Row("coordinator", door="role", post=FORM),
    "tsp:import": Row("coordinator", door="role", post=FORM),
    "tsp:scale_edit": Row("coordinator", door="role", post=FORM),
    "tsp:area_add": Row("coordinator", door="role", post=FORM),
    "tsp:area_move": Row(
        "coordinator", door="role", get=NEVER, post=DONE, args=form_part(section="flexibility")
    ),
    "tsp:area_edit": Row("coordinator", door="role", post=FORM, args=form_part(section="flexibility")),
    "tsp:statement_add": Row("coordinator", door="role", post=FORM, args=form_part(section="flexibility")),
    "tsp:statement_edit": Row("coordinator", door="role", post=FORM, args=form_part(slug="emo-recover")),
    "tsp:move": Row("coordinator", door="role", get=NEVER, post=DONE, args=form_part(slug="emo-recover")),
    "tsp:tool_edit": Row("coordinator", door="role", post=FORM, args=form_part(section="student-voice")),
    "tsp:field_add": Row("coordinator", door="role", post=FORM, args=form_part(section="student-voice")),
    "tsp:field_edit": Row(
        "coordinator", door="role", post=FORM, args=form_part(section="student-voice", slug="hopes")
    ),
    "tsp:field_move": Row(
        "coordinator",
        door="role",
        get=NEVER,
        post=DONE,
        args=form_part(section="student-voice", slug="hopes"),
    ),
    # ---------------------------------------------------------------- what is asked of others
    "enquiries:remind": Row(
        f"{PAIR} coordinator", "keyworker_other coordinator", get=NEVER, post=DONE, args=their("ask_outside")
    ),
    "enquiries:withdraw": Row(
        f"{PAIR} coordinator", "keyworker_other coordinator", get=NEVER, post=DONE, args=their("ask_outside")
    ),
    "enquiries:new_code": Row(
        f"{PAIR} coordinator",
        "keyworker_other coordinator",
        get=NEVER,
        post=(200,),
        args=their("ask_outside"),
    ),
    "enquiries:new_link": Row(
        f"{PAIR} coordinator", "keyworker_other coordinator", post=FORM, args=their("ask_outside")
    ),
    # Only the one who was asked answers: here each student's keyworker. Addresses sent before open the same.
    **{
        name: row
        for app in ("enquiries", "enquiries_before")
        for name, row in {
            f"{app}:mine": Row(ALL_STAFF, door="role"),
            f"{app}:answer": Row("keyworker", "keyworker_other", "anyone", post=DONE, args=their("ask")),
        }.items()
    },
    # ---------------------------------------------------------------- TSP: asking others, and following all
    "tsp:asks": Row(f"{PAIR} coordinator", "keyworker_other coordinator", args=only_pk),
    "tsp:ask_colleagues": Row(f"{PAIR} coordinator", "keyworker_other coordinator", post=FORM, args=only_pk),
    "tsp:ask_outside": Row(f"{PAIR} coordinator", "keyworker_other coordinator", post=FORM, args=only_pk),
    "tsp:ask_home": Row(f"{PAIR} coordinator", "keyworker_other coordinator", post=FORM, args=only_pk),
    "tsp:class": Row("head coordinator", door="role"),
    "tsp:class_csv": Row("head coordinator", door="role"),
    "tsp:remind_all": Row("head coordinator", door="role", post=DONE),
    "tsp:remind": Row("head coordinator", "head coordinator", "role", get=NEVER, post=DONE, args=only_pk),
    # ---------------------------------------------------------------- TSP: the workspace of an assessment point
    "tsp:student": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "tsp:workspace": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=in_point("point")),
    "tsp:ws_live": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", get=DONE, args=in_point("point")),
    "tsp:ws_save": Row(PAIR, "keyworker_other", get=NEVER, post=DONE, args=in_point("point")),
    "tsp:ws_open": Row(PAIR, "keyworker_other", get=NEVER, post=DONE, args=in_point("point")),
    "tsp:ws_confirm": Row(
        PAIR, "keyworker_other", get=NEVER, post=DONE, args=in_point("point", area="flexibility")
    ),
    "tsp:ws_examples": Row(
        PAIR, "keyworker_other", post=FORM, args=in_point("point", statement="flex-try-new")
    ),
    "tsp:ws_example_remove": Row(PAIR, "keyworker_other", get=NEVER, post=DONE, args=their("example")),
    # One statement of 54 is rated: it cannot be finished yet.
    "tsp:ws_finish": Row(PAIR, "keyworker_other", get=NEVER, post=(409,), args=in_point("point")),
    "tsp:ws_reopen": Row(
        f"{PAIR} head coordinator",
        "keyworker_other head coordinator",
        post=FORM,
        args=in_point("point_done"),
    ),
    # ---------------------------------------------------------------- goals and outcomes
    "goals:goals": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "goals:goal": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=their("goal")),
    "goals:add": Row(PAIR, "keyworker_other", post=FORM, args=only_pk),
    "goals:edit": Row(PAIR, "keyworker_other", post=FORM, args=their("goal")),
    # Nobody saw the version an empty form names.
    "goals:ask": Row(PAIR, "keyworker_other", get=NEVER, post=(409,), args=their("goal_asked")),
    "goals:keep_levels": Row(PAIR, "keyworker_other", get=NEVER, post=(409,), args=their("goal")),
    "goals:withdraw": Row(PAIR, "keyworker_other", post=FORM, args=their("goal")),
    # Never whoever wrote the levels.
    "goals:check": Row(
        f"deputy mentor member {KEEPERS}",
        KEEPERS,
        post=FORM,
        args=their("goal_asked"),
        rule_mine={"keyworker": 409},
        rule_other={"keyworker_other": 409},
    ),
    "goals:score": Row(PAIR, "keyworker_other", post=FORM, args=their("goal")),
    # Never whoever scored it.
    "goals:second": Row(
        f"deputy mentor member {KEEPERS}",
        KEEPERS,
        post=FORM,
        args=their("goal"),
        rule_mine={"keyworker": 409},
        rule_other={"keyworker_other": 409},
    ),
    "goals:end": Row(PAIR, "keyworker_other", get=NEVER, post=DONE, args=their("goal")),
    "goals:score_void": Row(PAIR, "keyworker_other", post=FORM, args=their("goal_score")),
    "goals:to_check": Row(ALL_STAFF, door="role"),
    "goals:above": Row("head coordinator", door="role"),
    "goals:outcomes": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "goals:judge": Row(PAIR, "keyworker_other", post=FORM, args=beside("outcome_id", "outcome")),
    # ---------------------------------------------------------------- independence
    "ilsa:student": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "ilsa:compare": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=in_year()),
    "ilsa:agree": Row(PAIR, "keyworker_other", post=FORM, args=in_year(item="pc-wash")),
    # Where a duty leads; who may not rate is led on to what is in.
    "ilsa:form": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", get=DONE, args=their("ilsa_form")),
    # Nothing was typed, so on to the next part.
    "ilsa:part": Row(
        PAIR,
        "keyworker_other",
        post=DONE,
        args=lambda w, student: {"pk": w.of[student.pk].ilsa_form.pk, "domain": "money"},
    ),
    "ilsa:send": Row(PAIR, "keyworker_other", post=FORM, args=their("ilsa_form")),
    # No reason: they do take part.
    "ilsa:missing": Row(
        f"{PAIR} head coordinator", "keyworker_other head coordinator", post=DONE, args=their("ilsa_form")
    ),
    "ilsa:my_form": Row("student student_other", door="role", get=DONE, args=this_year()),
    # The student's answers are in.
    "ilsa:my_part": Row(
        "student student_other", door="role", get=DONE, post=(409,), args=this_year(domain="money")
    ),
    "ilsa:my_send": Row("student student_other", door="role", args=this_year(), post=DONE),
    "ilsa:my_result": Row("student student_other", door="role", args=this_year()),
    # The aunt has a form of her own.
    "ilsa:child_form": Row("parent staff_parent", "parent_other", "family", get=DONE, args=in_year()),
    "ilsa:child_part": Row(
        "parent staff_parent", "parent_other", "family", post=DONE, args=in_year(domain="money")
    ),
    "ilsa:child_send": Row("parent staff_parent", "parent_other", "family", post=FORM, args=in_year()),
    "ilsa:child_result": Row("parent staff_parent", "parent_other", "family", args=in_year()),
    "ilsa:templates": Row(ALL_STAFF, door="role"),
    "ilsa:template": Row(ALL_STAFF, door="role", args=form_version),
    "ilsa:preview": Row(ALL_STAFF, door="role", args=lambda w, s: {"number": 1, "audience": "student"}),
    "ilsa:diff": Row(ALL_STAFF, door="role", args=form_version),
    "ilsa:export": Row(ALL_STAFF, door="role", args=form_version),
    "ilsa:start_draft": Row("coordinator", door="role", get=NEVER, post=DONE),
    "ilsa:discard_draft": Row("coordinator", door="role", post=DONE),
    "ilsa:publish": Row("coordinator", door="role", post=FORM),
    "ilsa:import": Row("coordinator", door="role", post=FORM),
    "ilsa:answers_edit": Row("coordinator", door="role", post=FORM),
    "ilsa:domain_edit": Row("coordinator", door="role", post=FORM, args=form_part(section="money")),
    "ilsa:question_add": Row("coordinator", door="role", post=FORM, args=form_part(section="money")),
    "ilsa:question_edit": Row("coordinator", door="role", post=FORM, args=form_part(slug="pc-wash")),
    "ilsa:move": Row("coordinator", door="role", get=NEVER, post=DONE, args=form_part(slug="pc-wash")),
    "ilsa:rounds": Row("head coordinator", door="role"),
    "ilsa:open_round": Row("head coordinator", door="role", post=FORM),
    "ilsa:round": Row("head coordinator", door="role", args=this_year()),
    "ilsa:remind": Row("head coordinator", door="role", get=NEVER, post=DONE, args=this_year()),
    "ilsa:newcomers": Row("head coordinator", door="role", get=NEVER, post=DONE, args=this_year()),
    "ilsa:school": Row("head slt", door="role"),
    "ilsa:school_csv": Row("head slt", door="role", args=this_year()),
    "reports:independence_paper": Row(
        f"{TEAM} {LEADERS}",
        f"keyworker_other {LEADERS}",
        args=lambda w, student: {"pk": w.of[student.pk].ilsa_form.assessment_id, "audience": "student"},
    ),
    # ---------------------------------------------------------------- TSP: sheets
    "tsp:sheets": Row(f"{AROUND} {LEADERS} admin", f"keyworker_other {LEADERS} admin", args=only_pk),
    # Every member of staff, save the aunt of the child; the page of somebody else's student has no surname.
    "tsp:what_helps": Row(ALL_STAFF.replace(" staff_parent", ""), ALL_STAFF, args=only_pk),
    "tsp:observe": Row(TEAM, "keyworker_other", post=FORM, args=only_pk),
    "tsp:input_add": Row(NAMED, "keyworker_other", post=DONE, args=only_pk),
    "tsp:restorative_add": Row("keyworker deputy mentor", "keyworker_other", post=FORM, args=only_pk),
    "tsp:sheet_start": Row(PAIR, "keyworker_other", post=DONE, args=with_tool("strengths-interests")),
    "tsp:sheet_declined": Row(PAIR, "keyworker_other", post=DONE, args=with_tool("student-voice")),
    "tsp:sheet": Row(f"{TEAM} {SHEET_READERS}", f"keyworker_other {SHEET_READERS}", args=their("sheet")),
    "tsp:sheet_fill": Row(PAIR, "keyworker_other", post=DONE, args=their("sheet")),
    "tsp:sheet_decline": Row(PAIR, "keyworker_other", post=DONE, args=their("sheet_begun")),
    "tsp:sheet_void": Row(PAIR, "keyworker_other", post=FORM, args=their("sheet")),
    "tsp:repair_ask": Row("keyworker deputy mentor", "keyworker_other", post=FORM, args=their("repair")),
    # Asked of the keyworker of the other student, and of nobody else.
    "tsp:repair_part": Row("keyworker_other", "keyworker", post=FORM, args=their("part_asked")),
    "tsp:repair_agree": Row("keyworker deputy mentor", "keyworker_other", post=FORM, args=their("repair")),
    "tsp:repair_take": Row("keyworker deputy mentor", "keyworker_other", post=FORM, args=their("repair")),
    "tsp:sheet_checked": Row(PAIR, "keyworker_other", get=NEVER, post=DONE, args=their("sheet")),
    "tsp:attach": Row(PAIR, "keyworker_other", get=NEVER, post=FORM, args=their("sheet")),
    "tsp:attachment": Row(
        f"{TEAM} {SHEET_READERS}", f"keyworker_other {SHEET_READERS}", args=their("drawing")
    ),
    "tsp:attachment_remove": Row(PAIR, "keyworker_other", get=NEVER, post=DONE, args=their("drawing")),
    "tsp:student_attachment": Row("student", "student_other", "student", args=their("drawing")),
    # The student said yes when asked whether home may see that sheet.
    "tsp:family_attachment": Row("parent staff_parent", "parent_other", "family", args=their("drawing")),
    # ---------------------------------------------------------------- TSP: students' and families' own pages
    "home:sheets": Row("student student_other", door="role"),
    "home:feeling": Row("student student_other", door="role", post=FORM),
    "home:feeling_back": Row("student student_other", door="role", get=NEVER, post=DONE),
    "home:start": Row("student student_other", door="role", post=DONE, args=tool_alone("student-voice")),
    "home:rather_not": Row("student student_other", door="role", post=DONE, args=tool_alone("student-voice")),
    "home:read": Row("student", "student_other", "student", args=their("sheet")),
    "home:check": Row("student", "student_other", "student", get=NEVER, post=FORM, args=their("sheet")),
    "home:share": Row("student", "student_other", "student", get=NEVER, post=FORM, args=their("sheet")),
    "home:end": Row("student", "student_other", "student", post=FORM, args=their("sheet")),
    "home:ticks": Row("student", "student_other", "student", args=their("sheet")),
    "home:tick_area": Row(
        "student", "student_other", "student", post=DONE, args=in_sheet("sheet", area="flexibility")
    ),
    # Nothing was typed, so back to the same question.
    "home:step": Row(
        "student", "student_other", "student", post=DONE, args=in_sheet("sheet", step="going-well")
    ),
    "home:attach": Row(
        "student", "student_other", "student", get=NEVER, post=FORM, args=in_sheet("sheet", step="going-well")
    ),
    "home:detach": Row("student", "student_other", "student", get=NEVER, post=DONE, args=their("drawing")),
    "home:my_decisions": Row("student student_other", door="role"),
    "home:my_decision": Row(
        "student",
        "student_other",
        "student",
        post=FORM,
        args=lambda w, student: {"decision_id": w.of[student.pk].decision.pk},
    ),
    "home:decisions": Row("parent staff_parent", "parent_other", "family", args=only_pk),
    "home:decision": Row(
        "parent staff_parent", "parent_other", "family", post=FORM, args=beside("decision_id", "decision")
    ),
    "home:child": Row("parent staff_parent", "parent_other", "family", args=only_pk),
    "home:talk": Row("parent staff_parent", "parent_other", "family", post=(200,), args=only_pk),
    "home:talk_not": Row("parent staff_parent", "parent_other", "family", post=DONE, args=only_pk),
    # Where the keyworker wrote it down there is nothing to tick: on to what was said.
    "home:talk_ticks": Row(
        "parent staff_parent", "parent_other", "family", get=(200, 302), post=(200, 302), args=only_pk
    ),
    "home:home_view": Row("parent staff_parent", "parent_other", "family", post=(200,), args=only_pk),
    "home:child_sheet": Row("parent staff_parent", "parent_other", "family", args=beside("sheet_pk", "map")),
    "portal:previews": Row(PAIR + " head", "keyworker_other head", args=only_pk),
    "portal:as_student": Row(PAIR + " head", "keyworker_other head", args=only_pk),
    "portal:as_parent": Row(PAIR + " head", "keyworker_other head", args=with_member),
    "home:meet": Row("parent staff_parent", "parent_other", "family", post=FORM, args=only_pk),
    "home:my_meeting": Row(
        "parent", "parent_other", "family", post=(200,), args=beside("meeting_pk", "appointment")
    ),
    "home:messages": Row("parent staff_parent", "parent_other", "family", post=FORM, args=only_pk),
    "home:details": Row("parent staff_parent", "parent_other", "family", post=DONE, args=only_pk),
    "home:proposal": Row(
        TEAM + " head admin", "keyworker_other head admin", post=FORM, args=their("proposal")
    ),
    "home:chat": Row("student student_other", door="role", post=FORM),
    "home:my_chat": Row("student", "student_other", "student", post=(200,), args=their("chat")),
    "home:waiting": Row(ALL_STAFF, door="role", post=FORM),
    "home:take_time_back": Row(
        "keyworker", "keyworker_other", get=NEVER, post=DONE, args=their("offered_time")
    ),
    "home:meeting": Row(PAIR + " head", "keyworker_other head", post=FORM, args=their("appointment")),
    "home:log_meeting": Row(PAIR + " head", "keyworker_other head", post=FORM, args=their("appointment")),
    "home:meeting_ics": Row(
        "parent keyworker", "parent_other keyworker_other", "anyone", args=their("appointment")
    ),
    "home:threads": Row(PAIR + " head", "keyworker_other head", args=only_pk),
    "home:thread": Row(PAIR + " head", "keyworker_other head", post=FORM, args=with_member),
    # ---------------------------------------------------------------- reports
    "reports:list": Row(ALL_STAFF, door="role", post=EMPTY),
    "reports:batch": Row("keyworker", "keyworker_other", args=their("batch")),
    "reports:batch_again": Row("keyworker", "keyworker_other", get=NEVER, post=DONE, args=their("batch")),
    "reports:batch_cancel": Row("keyworker", "keyworker_other", get=NEVER, post=DONE, args=their("batch")),
    "reports:release_batch": Row(
        "head coordinator", door="role", post=FORM, args=lambda w, student: {"pk": w.batch.pk}
    ),
    # No copy of these is on paper: they are told so.
    "reports:batch_paper": Row(
        "head coordinator", door="role", get=DONE, args=lambda w, student: {"pk": w.batch.pk}
    ),
    "reports:batch_zip": Row("keyworker", "keyworker_other", args=their("batch")),
    # Its file is no PDF: they are told so.
    "reports:batch_print": Row("keyworker", "keyworker_other", get=DONE, args=their("batch")),
    "reports:student": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    "reports:school_data": Row("head coordinator", door="role"),
    "reports:school_data_file": Row(
        "head coordinator",
        door="role",
        args=lambda w, s: {"slug": "contacts", "year": "all", "kind": "csv"},
    ),
    "reports:student_file": Row("dsl", "dsl", "role", post=FORM, args=only_pk),
    "reports:student_file_download": Row("dsl", "dsl", "role", args=their("whole_file")),
    # As the page of the log.
    "reports:log_paper": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=only_pk),
    # As the page itself (tsp:what_helps).
    "reports:profile": Row(ALL_STAFF.replace(" staff_parent", ""), ALL_STAFF, args=only_pk),
    "reports:packs": Row("coordinator senco", "coordinator senco", "role", post=EMPTY, args=only_pk),
    **{
        f"reports:{name}": Row(
            "coordinator senco", "coordinator senco", "role", post=post, args=their("pack")
        )
        for name, post in (
            ("pack", NEVER),
            ("pack_items", DONE),
            ("pack_words", FORM),
            ("pack_read", DONE),
            ("pack_documents", FORM),
        )
    },
    "reports:pack_order": Row(
        "coordinator senco", "coordinator senco", "role", get=NEVER, post=DONE, args=their("pack")
    ),
    "reports:pack_take_out": Row(
        "coordinator senco", "coordinator senco", "role", get=NEVER, post=DONE, args=their("pack_document")
    ),
    "reports:pack_pages": Row("coordinator senco", "coordinator senco", "role", args=their("pack")),
    "reports:pack_pdf": Row("coordinator senco", "coordinator senco", "role", args=their("pack_made")),
    "reports:written_list": Row(ALL_STAFF, door="role", post=FORM),
    "reports:written_begin": Row(
        f"{PAIR} head coordinator", "keyworker_other head coordinator", post=EMPTY, args=only_pk
    ),
    "reports:written": Row(
        f"{PAIR} head coordinator", "keyworker_other head coordinator", args=their("written")
    ),
    "reports:written_compare": Row(
        f"{PAIR} head coordinator", "keyworker_other head coordinator", args=their("written")
    ),
    "reports:written_section": Row(
        f"{PAIR} head coordinator",
        "keyworker_other head coordinator",
        post=DONE,
        args=lambda w, student: {"pk": w.of[student.pk].written.pk, "key": "at-home"},
    ),
    "reports:written_days": Row(
        f"{PAIR} head coordinator", "keyworker_other head coordinator", post=EMPTY, args=their("written")
    ),
    **{
        f"reports:written_{act}": Row(
            f"{PAIR} head coordinator",
            "keyworker_other head coordinator",
            get=NEVER,
            post=DONE,
            args=their("written"),
        )
        for act in ("send", "take_back")
    },
    "reports:written_send_back": Row(
        "head coordinator", "head coordinator", "role", get=DONE, post=EMPTY, args=their("written")
    ),
    "reports:written_approve": Row(
        "head coordinator", "head coordinator", "role", get=NEVER, post=DONE, args=their("written")
    ),
    "reports:written_pages": Row(
        f"{PAIR} head coordinator",
        "keyworker_other head coordinator",
        args=lambda w, student: {"pk": w.of[student.pk].written.pk, "home": 0},
    ),
    "reports:authority_forms": Row("head coordinator", door="role", post=FORM),
    "reports:authority_fields": Row("head coordinator", door="role"),
    "reports:authority_sample": Row(
        "head coordinator", door="role", args=lambda w, s: {"slug": "authority-form-aldershire"}
    ),
    "reports:authority_form": Row("head coordinator", door="role", post=FORM, args=authority_form),
    "reports:authority_form_file": Row("head coordinator", door="role", args=authority_form),
    "reports:authority_form_retire": Row(
        "head coordinator", door="role", get=NEVER, post=DONE, args=authority_form
    ),
    "reports:authority_student": Row(
        f"{PAIR} head coordinator senco", "keyworker_other head coordinator senco", args=only_pk
    ),
    "reports:authority_fill": Row(
        f"{PAIR} head coordinator senco",
        "keyworker_other head coordinator senco",
        post=DONE,
        args=for_authority,
    ),
    "reports:authority_draft": Row(
        f"{PAIR} head coordinator senco",
        "keyworker_other head coordinator senco",
        get=NEVER,
        post=(204,),
        args=for_authority,
    ),
    "reports:authority_word": Row(
        f"{PAIR} head coordinator senco", "keyworker_other head coordinator senco", args=for_authority
    ),
    # A page that says it is being made; without LibreOffice back to the answers.
    "reports:authority_pdf": Row(
        f"{PAIR} head coordinator senco",
        "keyworker_other head coordinator senco",
        get=(200, 302),
        args=for_authority,
    ),
    "reports:pdf": Row(f"{TEAM} {LEADERS}", f"keyworker_other {LEADERS}", args=their("report")),
    # Made before Keywork wrote for each home: they are told so.
    "reports:word": Row(
        f"{PAIR} head coordinator", "keyworker_other head coordinator", get=DONE, args=their("report")
    ),
    "reports:release": Row("head coordinator", "head coordinator", "role", post=FORM, args=their("report")),
    "reports:outside": Row("head coordinator", "head coordinator", "role", post=FORM, args=their("report")),
    "reports:outside_code": Row(
        "head coordinator",
        "head coordinator",
        "role",
        get=NEVER,
        post=DONE,
        args=their("outside_copy"),
    ),
    "reports:outside_link": Row(
        "head coordinator", "head coordinator", "role", post=FORM, args=their("outside_copy")
    ),
    "reports:outside_take_back": Row(
        "head coordinator", "head coordinator", "role", get=NEVER, post=DONE, args=their("outside_copy")
    ),
    "reports:paper": Row("head coordinator", "head coordinator", "role", get=DONE, args=their("released")),
    "reports:withdraw": Row("head coordinator", "head coordinator", "role", post=EMPTY, args=their("report")),
    # The aunt may follow Mina, and was not sent this one.
    "reports:family_pdf": Row("parent", "parent_other", "family", args=their("released")),
    "reports:comment": Row("parent", "parent_other", "family", post=FORM, args=their("released")),
}
