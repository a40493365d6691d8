"""Soft tools, staff side; and the pictures and recordings of a sheet for everybody who reads it."""

from django.urls import path

from .views import attachments, repair
from .views import fill as sheet_close
from .views import fill as sheet_fill
from .views import sheet as sheets
from .views import start as sheet_start

urlpatterns = [
    path("students/<int:pk>/sheets/", sheets.sheets, name="sheets"),
    path("students/<int:pk>/what-helps/", sheets.what_helps, name="what_helps"),
    path("students/<int:pk>/sheets/observation/", sheet_start.observe, name="observe"),
    path("students/<int:pk>/sheets/team-input/", sheet_start.input_add, name="input_add"),
    path("students/<int:pk>/sheets/repair/", sheet_start.restorative_add, name="restorative_add"),
    path("students/<int:pk>/sheets/<slug:tool>/", sheet_start.start, name="sheet_start"),
    path("students/<int:pk>/sheets/<slug:tool>/declined/", sheet_start.declined, name="sheet_declined"),
    path("sheets/<int:pk>/agree/", repair.agree, name="repair_agree"),
    path("sheets/<int:pk>/ask/", repair.ask, name="repair_ask"),
    path("asked-to-take-part/<int:pk>/", repair.part, name="repair_part"),
    path("sheets/<int:pk>/", sheets.sheet, name="sheet"),
    path("sheets/<int:pk>/fill/", sheet_fill.fill, name="sheet_fill"),
    path("sheets/<int:pk>/decline/", sheet_close.decline_one, name="sheet_decline"),
    path("sheets/<int:pk>/cross-out/", sheet_close.void_one, name="sheet_void"),
    path("sheets/<int:pk>/checked/", sheet_close.checked, name="sheet_checked"),
    path("sheets/<int:pk>/attach/", attachments.attach_one, name="attach"),
    path("sheets/attachments/<int:pk>/", attachments.for_staff, name="attachment"),
    path("sheets/attachments/<int:pk>/remove/", attachments.remove_one, name="attachment_remove"),
    path("mine/attachments/<int:pk>/", attachments.for_student, name="student_attachment"),
    path("child/attachments/<int:pk>/", attachments.for_family, name="family_attachment"),
]
