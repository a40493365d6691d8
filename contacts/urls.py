from django.urls import path

from .check_ups import views as check_ups
from .follow_ups import views as follow_ups
from .letters import views as letters
from .views import entries, holds, holidays, households, log, mentoring, misses, moving, write

app_name = "contacts"
CONTACT = {"kind": "contact"}
SESSION = {"kind": "session"}
urlpatterns = [
    path("students/<int:student_id>/log/", log.log, name="log"),
    path("students/<int:student_id>/contacts/new/", write.log, CONTACT, name="log_contact"),
    path("students/<int:student_id>/sessions/new/", write.log, SESSION, name="log_session"),
    path("students/<int:student_id>/holds/", holds.holds, name="holds"),
    path("holds/<int:pk>/end/", holds.end, name="end_hold"),
    path("contacts/<int:pk>/", entries.detail, CONTACT, name="contact"),
    path("contacts/<int:pk>/change/", write.amend, CONTACT, name="amend_contact"),
    path("contacts/<int:pk>/void/", entries.void_entry, CONTACT, name="void_contact"),
    path("contacts/<int:pk>/move/", moving.move_entry, CONTACT, name="move_contact"),
    path("contacts/<int:pk>/undo/", entries.undo, CONTACT, name="undo_contact"),
    path("contacts/<int:pk>/approve/", entries.approve, CONTACT, name="approve"),
    path("sessions/<int:pk>/", entries.detail, SESSION, name="session"),
    path("sessions/<int:pk>/change/", write.amend, SESSION, name="amend_session"),
    path("sessions/<int:pk>/void/", entries.void_entry, SESSION, name="void_session"),
    path("sessions/<int:pk>/move/", moving.move_entry, SESSION, name="move_session"),
    path("sessions/<int:pk>/undo/", entries.undo, SESSION, name="undo_session"),
    path("sessions/<int:pk>/approve/", entries.approve, SESSION, name="approve_session"),
    path("students/<int:student_id>/check-ups/", check_ups.check_ups, name="check_ups"),
    path("students/<int:student_id>/check-ups/begin/", check_ups.begin, name="begin_check_up"),
    path("check-ups/<int:pk>/read/", check_ups.read, name="read_check_up"),
    path("contacts/<int:pk>/follow-up/", follow_ups.ask, CONTACT, name="follow_up_contact"),
    path("sessions/<int:pk>/follow-up/", follow_ups.ask, SESSION, name="follow_up_session"),
    path("follow-ups/", follow_ups.asked, name="follow_ups"),
    path("follow-ups/<int:pk>/take-back/", follow_ups.take_back, name="follow_up_take_back"),
    path("follow-ups/<int:pk>/ask-another/", follow_ups.ask_another, name="follow_up_ask_another"),
    path("students/<int:student_id>/mail/", letters.letters, name="letters"),
    path("students/<int:student_id>/mail/write/", letters.write, name="write_letter"),
    path("students/<int:student_id>/mail/address/", letters.new_address, name="new_log_address"),
    path("mail/<int:pk>/log/", write.from_mail, name="log_mail"),
    path("mail/<int:pk>/throw-away/", letters.throw_away, name="throw_mail_away"),
    path("mail-files/<int:pk>/", letters.mail_file, name="mail_file"),
    path("mentoring/", mentoring.week, name="mentoring"),
    path("mentoring/drop-in/", mentoring.drop_in, name="drop_in"),
    path("mentoring/times/", mentoring.add_time, name="drop_in_add"),
    path("mentoring/times/<int:pk>/remove/", mentoring.remove_time, name="drop_in_remove"),
    path("mentoring/<int:pk>/", mentoring.slot, name="mentoring_slot"),
    path("mentoring/<int:pk>/move/", mentoring.move, name="mentoring_move"),
    path("students/<int:student_id>/mentoring/", mentoring.of_student, name="mentoring_of"),
    path("students/<int:student_id>/pair/", holidays.pair, name="pair"),
    path("students/<int:student_id>/briefing/", holidays.brief, name="brief"),
    path("briefings/<int:pk>/", holidays.briefing, name="briefing"),
    path("holidays/", holidays.holidays, name="holidays"),
    path("households/", households.households, name="households"),
    path("households/table.csv", households.download, {"kind": "csv"}, name="households_csv"),
    path("households/table.xlsx", households.download, {"kind": "xlsx"}, name="households_xlsx"),
    path("misses/", misses.misses, name="misses"),
    path("misses/table.csv", misses.download, {"kind": "csv"}, name="misses_csv"),
    path("misses/table.xlsx", misses.download, {"kind": "xlsx"}, name="misses_xlsx"),
    path("misses/<int:pk>/how/", misses.explain, name="explain_miss"),
    path("misses/<int:pk>/seen/", misses.acknowledge, name="acknowledge_miss"),
    path("misses/<int:pk>/withdraw/", misses.withdraw, name="withdraw_miss"),
    path("approvals/", entries.approvals, name="approvals"),
]
