"""Cron's way to say when: five fields, lists, ranges, steps, names and @daily."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

WORDS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
NAMES = {
    name: str(place) for place, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
NAMES |= {name: str(place) for place, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}


def parse(text: str) -> list[set[int]]:
    """Return the five sets of a schedule: minutes, hours, days, months, weekdays (0 = Sunday); raises ValueError."""
    fields = WORDS.get(text.strip(), text).split()
    if len(fields) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    sets = [_field(field.casefold(), *bounds) for field, bounds in zip(fields, BOUNDS, strict=True)]
    if 7 in sets[4]:
        sets[4].add(0)
    return sets


def _field(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in {"*", "?"}:
            begin, end = low, high
        else:
            begin = int(NAMES.get(first, first))
            end = int(NAMES.get(last, last)) if dash else (high if step else begin)
        if not low <= begin <= end <= high or (step and int(step) < 1):
            raise ValueError(f"{part!r} is out of range")
        found |= set(range(begin, end + 1, int(step or 1)))
    return found


def following(text: str, after: float) -> float | None:
    """Return the first time of a schedule after a time (seconds since 1970, UTC); None when there is none in four years."""
    minutes, hours, days, months, weekdays = parse(text)
    any_day, any_weekday = len(days) == 31, weekdays >= set(range(7))
    when = datetime.fromtimestamp(after, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    ends = when + timedelta(days=1461)
    while when < ends:
        weekday = when.isoweekday() % 7
        fits = (when.day in days and weekday in weekdays) if any_day or any_weekday else (when.day in days or weekday in weekdays)
        if when.month not in months or not fits:
            when = when.replace(hour=0, minute=0) + timedelta(days=1)
        elif when.hour not in hours:
            when = when.replace(minute=0) + timedelta(hours=1)
        elif when.minute not in minutes:
            when += timedelta(minutes=1)
        else:
            return when.timestamp()
    return None
