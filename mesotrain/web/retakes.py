"""When a quiz may be sat again, in words: its rule, which attempt this is, and from when the next may start."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mesotrain.core.attempts import MARKING
from mesotrain.store import recent
from mesotrain.web.words import gettext, moment, ngettext


def rule(quiz: Mapping[str, Any]) -> str:
    """What a quiz demands of whoever does not pass; empty where it demands nothing."""
    hours, most, days = (quiz.get(name, 0) for name in ("cool_down", "attempts", "within_days"))
    said = []
    if hours:
        said.append(
            ngettext(
                "If you do not pass, you can sit it again %(hours)s hour later.",
                "If you do not pass, you can sit it again %(hours)s hours later.",
                hours,
                hours=hours,
            )
        )
    if most:
        said.append(
            ngettext(
                "Without a pass, you have at most %(most)s attempt in %(days)s days.",
                "Without a pass, you have at most %(most)s attempts in %(days)s days.",
                most,
                most=most,
                days=days,
            )
        )
    return " ".join(said)


def which(mine: Sequence[recent.Recent], quiz: Mapping[str, Any], now: datetime) -> str:
    """Which attempt the next is, or the one that is open; empty where a quiz counts none."""
    if not quiz.get("attempts"):
        return ""
    place = recent.counting(mine, quiz, now) + 1
    facts = {"n": place, "most": quiz["attempts"], "days": quiz["within_days"]}
    return gettext("This is attempt %(n)s of %(most)s in %(days)s days.", **facts)


def waits(mine: Sequence[recent.Recent]) -> str:
    """Why the newest attempt has no result yet; empty where it has."""
    if not mine or mine[0].state != MARKING:
        return ""
    if mine[0].spared:
        return gettext("You handed it in. A question of it is being looked at, and the result comes when that is done.")
    return gettext("You handed it in, and people are marking it. The result comes by mail.")


def later(mine: Sequence[recent.Recent], quiz: Mapping[str, Any], now: datetime) -> str:
    """From when the next attempt may start; empty where it may now."""
    if recent.in_marking(mine):
        return waits(mine) or gettext("People are marking an attempt of yours. The result comes by mail.")
    again = recent.again(mine, quiz)
    return gettext("You can sit it again from %(moment)s.", moment=moment(again)) if again and now < again else ""
