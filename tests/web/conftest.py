"""One world for each file of web tests and engine; what breaks in it is a page, as it is when served."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.world import Engine, World


@pytest.fixture(scope="module")
def served(engine: Engine) -> Iterator[World]:
    made = engine.world()
    made.app.testing = False
    yield replace(made, ids=dict(made.ids))
    made.close()
