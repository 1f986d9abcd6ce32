"""Every test of the rules begins with nothing remembered."""

import pytest

from mesotrain.core.expressions import condition, expression


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What was read once is kept: a rule that was changed since would be asked in vain."""
    for kept in (expression, condition):
        kept.cache_clear()
