"""Searching what is taught."""

from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.store import search as store
from mesotrain.web.gate import page

search = Blueprint("search", __name__)

LONGEST_QUERY = 100


@page(search, "/search", may="learn")
def find(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    asked = " ".join(request.args.get("q", "").split())[:LONGEST_QUERY]
    found = [
        {
            "title": one.title,
            "module": one.module_title,
            "excerpt": _excerpt(one.excerpt),
            "url": url_for("reading.lesson", course=one.course, module=one.module, _anchor=one.section),
        }
        for one in store.search(session, actor, asked)
    ]
    return render_template("search/found.html", asked=asked, found=found, most=store.MOST)


def _excerpt(text: str) -> Markup:
    """The excerpt with what was found marked."""
    marked = str(escape(text)).replace(store.BEGINS, "<mark>").replace(store.ENDS, "</mark>")
    return Markup(marked)  # noqa: S704 (escaped, then two marks of our own put in)
