"""The workspace of one window: last of the app's patterns, as its own begin with two words of anybody's."""

from django.urls import path

from .views import examples, finishing, workspace

WINDOW = "students/<int:pk>/<slug:term>/<slug:kind>/"

urlpatterns = [
    path("evidence/<int:pk>/remove/", examples.remove, name="ws_example_remove"),
    path(WINDOW, workspace.workspace, name="workspace"),
    path(f"{WINDOW}save/", workspace.save, name="ws_save"),
    path(f"{WINDOW}open/", workspace.open_it, name="ws_open"),
    path(f"{WINDOW}live/", workspace.live, name="ws_live"),
    path(f"{WINDOW}finish/", finishing.finish, name="ws_finish"),
    path(f"{WINDOW}reopen/", finishing.reopen, name="ws_reopen"),
    path(f"{WINDOW}confirm/<slug:area>/", workspace.confirm, name="ws_confirm"),
    path(f"{WINDOW}examples/<slug:statement>/", examples.examples, name="ws_examples"),
]
