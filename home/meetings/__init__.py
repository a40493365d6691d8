"""Meetings that a family or a student asks for, and the times offered for them."""
