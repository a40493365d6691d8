"""Among the ways of signing in (keywork.account_urls): with a card."""

from django.urls import path

from .views.card_entry import sign_in

urlpatterns = [path("card/", sign_in, name="account_card")]
