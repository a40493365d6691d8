"""The faults of `make access-mutants` can still be planted, and whoever is to notice is there."""

from __future__ import annotations

import pytest

from .mutants import FAULTS, ROOT


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_it_can_be_planted(fault):
    text = (ROOT / fault.path).read_text()
    assert fault.applied(text) != text
    where, _, test = fault.by.partition("::")
    assert f"def {test.partition('[')[0]}" in (ROOT / "tests/access" / where).read_text(), (
        "who notices is there"
    )
