from django.urls import path

from .views import draft, parts, proposals, versions

app_name = "tsp"
urlpatterns = [
    path("form/", versions.templates, name="templates"),
    path("form/<int:number>/", versions.template, name="template"),
    path("form/<int:number>/as/<slug:audience>/", versions.preview, name="preview"),
    path("form/<int:number>/changes/", versions.diff, name="diff"),
    path("form/<int:number>/export/", versions.export, name="export"),
    path("draft/start/", draft.start, name="start_draft"),
    path("draft/discard/", draft.discard, name="discard_draft"),
    path("draft/publish/", draft.publish_draft, name="publish"),
    path("draft/import/", draft.import_draft, name="import"),
    path("draft/areas/<slug:area>/", parts.area_edit, name="area_edit"),
    path("draft/areas/<slug:area>/new/", parts.statement_add, name="statement_add"),
    path("draft/statements/<slug:slug>/", parts.statement_edit, name="statement_edit"),
    path("draft/statements/<slug:slug>/move/", parts.move, name="move"),
    path("draft/tools/<slug:tool>/", parts.tool_edit, name="tool_edit"),
    path("draft/tools/<slug:tool>/new/", parts.field_add, name="field_add"),
    path("draft/tools/<slug:tool>/<slug:slug>/", parts.field_edit, name="field_edit"),
    path("draft/tools/<slug:tool>/<slug:slug>/move/", parts.field_move, name="field_move"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/new/", proposals.propose_change, name="propose"),
    path("proposals/<int:pk>/", proposals.answer_one, name="proposal_answer"),
]
