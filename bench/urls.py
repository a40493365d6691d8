"""The product's routes and one bare page, so that both are measured through the same handler."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from keywork.urls import urlpatterns as product

BARE = engines["django"].from_string("<!doctype html><title>Bare</title><h1>{{ word }}</h1>")


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BARE.render({"word": "Bare"}, request))


urlpatterns = [*product, path("bench-bare/", bare, name="bench_bare")]
