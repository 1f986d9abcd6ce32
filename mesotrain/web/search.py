"""Searching what is taught."""

import re
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from mesotrain.core import search as core
from mesotrain.core.access import Actor
from mesotrain.store import search as store
from mesotrain.web.gate import page
from mesotrain.web.links import url_for

search = Blueprint("search", __name__)

LONGEST_QUERY = 100


@page(search, "/search", may="learn")
def find(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    asked = " ".join(request.args.get("q", "").split())[:LONGEST_QUERY]
    forms = forms_of(core.words(asked))
    found = [
        {
            "title": one.title,
            "module": one.module_title,
            "excerpt": excerpt(one.words, forms),
            "url": url_for("reading.lesson", course=one.course, module=one.module, _anchor=one.section),
        }
        for one in store.search(session, actor, asked)
    ]
    return render_template("search/found.html", asked=asked, found=found, most=store.MOST)


BEFORE, LENGTH = 60, 220
"""Characters of an excerpt before the first word that was found, and in all."""


def forms_of(words: Sequence[str]) -> re.Pattern[str]:
    """What finds these words in a plain text, in whatever form they have there."""
    stems = "|".join(re.escape(core.stem(word)) for word in words)
    return re.compile(rf"\b(?:{stems})\w*", re.IGNORECASE)


def excerpt(text: str, forms: re.Pattern[str]) -> Markup:
    """A piece of `text` with what was found in it marked."""
    plain = core.plain(text)
    first = forms.search(plain)
    begin = text.rfind(" ", 0, max(first.start() - BEFORE, 0)) + 1 if first else 0
    end = text.find(" ", begin + LENGTH)
    last = end if end >= 0 else len(text)
    marked, at = ["… " if begin else ""], begin
    for word in forms.finditer(plain, begin, last):
        marked += [escape(text[at : word.start()]), "<mark>", escape(text[word.start() : word.end()]), "</mark>"]
        at = word.end()
    return Markup("".join([*marked, escape(text[at:last]), " …" if end >= 0 else ""]))  # noqa: S704 (each is escaped)
