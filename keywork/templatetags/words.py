"""What `keywork.words.Loader` writes where a template says student, keyworker or SENCo."""

from __future__ import annotations

from django import template

from keywork.words import worded

register = template.Library()
register.simple_tag(worded)
register.filter("worded", worded)
