"""Applications beside a world's own, on the same database: set otherwise, or with a fault put in on purpose."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Blueprint

import mesotrain.web
from mesotrain.web import create_app
from tests.world import Browser, World, close


def visitor(world: World, who: str) -> Browser:
    """A browser of somebody who signed in once for this whole world; not for tests that end a sign-in."""
    if who not in world.cookies:
        cookie = world.client(who).client.get_cookie("mesotrain")
        assert cookie
        world.cookies[who] = cookie.value
    browser = world.client()
    browser.client.set_cookie("mesotrain", world.cookies[who])
    return browser


@contextmanager
def beside(world: World, **settings: str) -> Iterator[World]:
    """The same world served by another application, with these settings changed."""
    changed = world.environment | {f"MESOTRAIN_{name}": value for name, value in settings.items()}
    app = create_app(changed, world.clock)
    app.testing = world.app.testing
    yield replace(world, app=app, environment=changed)
    close(app)


@contextmanager
def leaking(world: World, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Blueprint], object]) -> Iterator[World]:
    """The same world served by an application with one more blueprint, filled by `fill`."""
    leak = Blueprint("leak", __name__)
    fill(leak)
    monkeypatch.setattr(mesotrain.web, "BLUEPRINTS", (*mesotrain.web.BLUEPRINTS, leak))
    with beside(world) as leaky:
        yield leaky
