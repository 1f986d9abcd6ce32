"""Calendar rules: whole days in the organisation's own zone."""

from calendar import monthrange
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day of an aware `moment` where the organisation is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def beginning(day: date, zone: str) -> datetime:
    """The moment a calendar day begins where the organisation is."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has none: 29 Feb + 24 months is 28 Feb."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
