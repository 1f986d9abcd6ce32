"""Words for this reader: translated sentences, dates and numbers in their language and zone."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from gettext import NullTranslations
from typing import Any, TypeVar, cast

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_gmt, get_timezone_name
from flask import Flask, g, request
from flask_babel import (
    Babel,
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    get_translations,
    to_user_timezone,
)
from markupsafe import Markup, escape

from mesotrain.core.errors import Expected
from mesotrain.core.numbers import decimal_text
from mesotrain.web import gate

T = TypeVar("T")


def gettext(message: str, /, **facts: Any) -> str:
    """The message in the reader's language, its facts in place."""
    words = _said(_catalogue(), message)
    return words % facts if facts else words


@lru_cache(maxsize=4096)
def _said(catalogue: NullTranslations, message: str) -> str:
    """A catalogue never changes, and a page says a hundred words."""
    return catalogue.gettext(message)


def ngettext(one: str, many: str, number: int, /, **facts: Any) -> str:
    """The message for so many, in the reader's language."""
    words = _catalogue().ngettext(one, many, number)
    return words % facts if facts else words


def _once(name: str, look_up: Callable[[], T]) -> T:
    """What is looked up once a request: Flask-Babel asks four questions for each word and each day."""
    kept = cast(Any, g)._get_current_object()  # the proxy itself costs as much as a word
    try:
        return cast(T, getattr(kept, name))
    except AttributeError:
        setattr(kept, name, found := look_up())
        return found


def _catalogue() -> NullTranslations:
    """The reader's translations."""
    found: NullTranslations = _once("catalogue", get_translations)
    return found


def lang(language: str) -> Markup:
    """The attribute of an element in this language, where the page around it is in another."""
    return Markup("") if language == page_language() else Markup(' lang="{}"').format(language)


def page_language() -> str:
    """The reader's language, as HTML names it."""
    return _once("language", lambda: str(get_locale()).replace("_", "-"))


BOXES = {"note": "Note", "caution": "Caution", "safety": "Safety"}
"""What a box of a text is called."""
_BOX = re.compile(r'(<div class="admonition (\w+)">\s*<p class="admonition-title">)((?i:\2)(?=</p>))?')


def html(text: str, lesson: str = "") -> Markup:
    """A stored text, which was sanitised when it was published, its boxes called what the reader calls them.

    Away from it, `lesson` is the address of the page that lists what it cites.
    """

    def named(box: re.Match[str]) -> str:
        opening, kind, untitled = box.groups()
        return f'{opening}<span class="kind">{escape(gettext(BOXES[kind]))}{"" if untitled else " · "}</span>'

    text = _BOX.sub(named, text) if "admonition" in text else text
    return Markup(text.replace('href="#ref-', f'href="{escape(lesson)}#ref-') if lesson else text)  # noqa: S704


def sentence(error: Expected) -> str:
    """The error's sentence in the reader's language, its days as they write them, its moments in their zone."""

    def told(fact: Any) -> Any:
        return moment(fact) if isinstance(fact, datetime) else day(fact) if isinstance(fact, date) else fact

    return gettext(error.sentence, **{name: told(fact) for name, fact in error.facts.items()})


def day(value: date | datetime) -> str:
    """An unambiguous day, such as 12 Mar 2027."""
    return str(format_date(value, "d MMM y")) if isinstance(value, datetime) else _date(value, page_language())


@lru_cache(maxsize=4096)
def _date(value: date, _language: str) -> str:
    """Lists say the same days over and over, and saying one costs as much as a small query."""
    return str(format_date(value, "d MMM y"))


def moment(value: datetime) -> str:
    """A day and time in the reader's zone, such as 12 Mar 2027, 14:05 GMT."""
    here, locale = to_user_timezone(value), get_locale()
    names = get_timezone_name(here, "short", locale=locale), str(here.tzname()), get_timezone_gmt(here, locale=locale)
    zone = next(one for one in names if one[0] not in "+-")  # as the language calls it, or else the world
    return f"{format_datetime(value, 'd MMM y, HH:mm')} {zone}"


def number(value: Fraction) -> str:
    """An exact decimal in the reader's notation, never grouped; a fraction where no decimal is exact."""
    return _number(value, page_language())


@lru_cache(maxsize=4096)
def _number(value: Fraction, _language: str) -> str:
    text = decimal_text(value)
    return text if "/" in text else str(format_decimal(Decimal(text), "0.############"))


def decimal_sign() -> str:
    """With what the reader begins decimals, where that is known and one of the two signs that are read.

    A page may be in English for want of another language: who would rather read one that writes 1,5 may mean either.
    """
    rather = (sign for code, _ in request.accept_languages if (sign := _sign(code)))
    here = _sign(page_language())
    return here if here == next(rather, here) and here in (".", ",") else ""


@lru_cache(maxsize=256)
def _sign(language: str) -> str:
    """With what a language begins decimals, nothing of one that nobody knows."""
    try:
        return str(Locale.parse(language, sep="-").number_symbols["latn"]["decimal"])
    except (ValueError, LookupError, UnknownLocaleError):
        return ""


def short(value: Fraction) -> str:
    """A number to four digits, where that is enough."""
    return str(format_decimal(Decimal(f"{float(value):.4g}"), "0.############"))


def init(app: Flask) -> None:
    def locale() -> str:
        who = gate.actor()
        offered: list[str] = app.config["LOCALES"]
        if who and who.locale in offered:
            return who.locale
        return request.accept_languages.best_match(offered) or offered[0]

    def zone() -> str:
        who = gate.actor()
        return str(who.zone if who else g.get("zone", app.config["ZONE"]))

    Babel(
        app,
        default_locale=app.config["LOCALES"][0],
        default_translation_directories=str(app.config["TRANSLATIONS"]),
        locale_selector=locale,
        timezone_selector=zone,
    )
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=False)  # type: ignore[attr-defined]
    app.jinja_env.globals |= {"_": gettext, "decimal_sign": decimal_sign}
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(number)
    app.add_template_filter(short)
    app.context_processor(lambda: {"locale": page_language()})
