from django.urls import path

from .views import answer, follow

app_name = "enquiries"
urlpatterns = [
    path("", answer.mine, name="mine"),
    path("<int:pk>/", answer.answer, name="answer"),
    path("<int:pk>/remind/", follow.remind, name="remind"),
    path("<int:pk>/withdraw/", follow.withdraw, name="withdraw"),
    path("<int:pk>/code/", follow.new_code, name="new_code"),
    path("<int:pk>/new-link/", follow.new_link, name="new_link"),
    path("round/<str:signed>/", answer.signed, name="signed"),
    path("link/<str:token>/", answer.by_link, name="by_link"),
]
