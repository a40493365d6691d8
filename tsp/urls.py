from django.urls import path

from . import urls_asks, urls_goals, urls_own, urls_progress, urls_sheets, urls_workspace
from .views import areas, draft, parts, proposals, versions

app_name = "tsp"
urlpatterns = [
    path("form/", versions.templates, name="templates"),
    path("form/versions/<int:number>/", versions.template, name="template"),
    path("form/versions/<int:number>/as/<slug:audience>/", versions.preview, name="preview"),
    path("form/versions/<int:number>/changes/", versions.diff, name="diff"),
    path("form/versions/<int:number>/export/", versions.export, name="export"),
    path("form/draft/start/", draft.start, name="start_draft"),
    path("form/draft/discard/", draft.discard, name="discard_draft"),
    path("form/draft/publish/", draft.publish_draft, name="publish"),
    path("form/draft/import/", draft.import_draft, name="import"),
    path("form/draft/scale/", areas.scale_edit, name="scale_edit"),
    path("form/draft/new-area/", areas.area_add, name="area_add"),
    path("form/draft/areas/<slug:area>/move/", areas.area_move, name="area_move"),
    path("form/draft/areas/<slug:area>/", parts.area_edit, name="area_edit"),
    path("form/draft/areas/<slug:area>/new/", parts.statement_add, name="statement_add"),
    path("form/draft/statements/<slug:slug>/", parts.statement_edit, name="statement_edit"),
    path("form/draft/statements/<slug:slug>/move/", parts.move, name="move"),
    path("form/draft/tools/<slug:tool>/", parts.tool_edit, name="tool_edit"),
    path("form/draft/tools/<slug:tool>/new/", parts.field_add, name="field_add"),
    path("form/draft/tools/<slug:tool>/<slug:slug>/", parts.field_edit, name="field_edit"),
    path("form/draft/tools/<slug:tool>/<slug:slug>/move/", parts.field_move, name="field_move"),
    path("form/proposals/", proposals.proposals, name="proposals"),
    path("form/proposals/new/", proposals.propose_change, name="propose"),
    path("form/proposals/<int:pk>/", proposals.answer_one, name="proposal_answer"),
]
urlpatterns += urls_asks.urlpatterns
urlpatterns += urls_goals.urlpatterns
urlpatterns += urls_own.urlpatterns
urlpatterns += urls_progress.urlpatterns
urlpatterns += urls_sheets.urlpatterns
# Last: its own begin with two words of anybody's.
urlpatterns += urls_workspace.urlpatterns
