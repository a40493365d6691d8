"""The faults of `make access-mutants` can still be planted: the lines they change stand where they say."""

from __future__ import annotations

import pytest

from .mutants import FAULTS, ROOT


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_it_can_be_planted(fault):
    text = (ROOT / fault.path).read_text()
    assert fault.applied(text) != text
