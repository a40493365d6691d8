"""Reports: ordered, made, proofed, released, read."""

from django.urls import path

from . import file_views, letterhead, paper_form, school_data, views
from .authority import views as authority
from .writing import views as writing

app_name = "reports"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("batches/<int:pk>/", views.batch, name="batch"),
    path("batches/<int:pk>/again/", views.batch_again, name="batch_again"),
    path("batches/<int:pk>/cancel/", views.batch_cancel, name="batch_cancel"),
    path("batches/<int:pk>/release/", views.release_batch, name="release_batch"),
    path("batches/<int:pk>/all.zip", views.batch_zip, name="batch_zip"),
    path("batches/<int:pk>/all.pdf", views.batch_print, name="batch_print"),
    path("batches/<int:pk>/paper/", views.batch_paper, name="batch_paper"),
    path("letterhead/", letterhead.letterhead, name="letterhead"),
    path("letterhead/logo/", letterhead.logo, name="letterhead_logo"),
    path("tables/", school_data.school_data, name="school_data"),
    path("tables/<slug:slug>/<slug:year>.<slug:kind>", school_data.download, name="school_data_file"),
    path("authority-forms/", authority.forms, name="authority_forms"),
    path("authority-forms/fields/", authority.fields, name="authority_fields"),
    path("authority-forms/samples/<slug:slug>/", authority.sample, name="authority_sample"),
    path("authority-forms/<int:pk>/", authority.form_page, name="authority_form"),
    path("authority-forms/<int:pk>/file/", authority.form_file, name="authority_form_file"),
    path("authority-forms/<int:pk>/retire/", authority.retire, name="authority_form_retire"),
    path("students/<int:pk>/authority/", authority.student_forms, name="authority_student"),
    path("students/<int:pk>/authority/<int:form_pk>/", authority.fill, name="authority_fill"),
    path("students/<int:pk>/authority/<int:form_pk>/draft/", authority.draft, name="authority_draft"),
    path("students/<int:pk>/authority/<int:form_pk>/word/", authority.word, name="authority_word"),
    path("students/<int:pk>/authority/<int:form_pk>/pdf/", authority.pdf, name="authority_pdf"),
    path("students/<int:pk>/", views.student, name="student"),
    path("students/<int:pk>/file/", file_views.student_file, name="student_file"),
    path("files/<int:pk>/", file_views.download, name="student_file_download"),
    path("writing/", writing.written_list, name="written_list"),
    path("students/<int:pk>/write/", writing.begin, name="written_begin"),
    path("writing/<int:pk>/", writing.written, name="written"),
    path("writing/<int:pk>/days/", writing.days, name="written_days"),
    path("writing/<int:pk>/send/", writing.send, name="written_send"),
    path("writing/<int:pk>/take-back/", writing.take_back, name="written_take_back"),
    path("writing/<int:pk>/send-back/", writing.send_back, name="written_send_back"),
    path("writing/<int:pk>/approve/", writing.approve, name="written_approve"),
    path("writing/<int:pk>/pages/<int:home>/", writing.pages, name="written_pages"),
    path("writing/<int:pk>/<slug:key>/", writing.section, name="written_section"),
    path("<int:pk>/pdf/", views.pdf, name="pdf"),
    path("<int:pk>/word/", views.word_file, name="word"),
    path("<int:pk>/release/", views.release, name="release"),
    path("<int:pk>/paper/", views.paper, name="paper"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/home/", views.family_pdf, name="family_pdf"),
    path("independence/<int:pk>/<slug:audience>/", paper_form.independence_paper, name="independence_paper"),
]
