"""The hours of a day, in some time zone, at which something may happen; moments are milliseconds since 1970."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mockserver.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """From `start` to before `end`, by the clocks of `zone`.

    An end before the start is on the next day; one equal to it makes the whole day.
    """

    start: time
    end: time
    zone: ZoneInfo

    def is_open(self, now_ms: int) -> bool:
        """Whether the moment lies in the window."""
        local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(self.zone).time()
        if self.start == self.end:
            return True
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def opens_after(self, now_ms: int) -> int:
        """The next moment at which it opens. A time that clocks skip is taken as if they had not been changed."""
        today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(self.zone).date()
        openings = [
            round(datetime.combine(today + timedelta(days=days), self.start, self.zone).timestamp() * 1000)
            for days in (0, 1)
        ]
        return next(each for each in openings if each > now_ms)


def daily_window(start: str, end: str, zone: str) -> DailyWindow:
    """A window out of `09:00`, `17:30`, `Europe/Berlin`. Raises InvalidInput for an unknown time zone."""
    return DailyWindow(time.fromisoformat(start), time.fromisoformat(end), _zone(zone))


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            {"timezone": [f"{name} is no time zone of the IANA database, such as America/New_York."]}
        ) from None
