from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from flyte_local.tasks.schedule import ScheduleError, missed_fires, next_fire
from flyteidl2.task.common_pb2 import FIXED_RATE_UNIT_MINUTE, Cron, FixedRate, Schedule
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(timezone.utc))
ZONES = st.sampled_from(["", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
ANCHOR = datetime(2026, 1, 1, tzinfo=timezone.utc)


def cron(expression: str, zone: str = "") -> Schedule:
    return Schedule(cron=Cron(expression=expression, timezone=zone))


def after(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("expression", "zone", "when", "expected"),
    [
        # Monday is 1 (APScheduler's crontab makes it Tuesday).
        ("0 9 * * 1", "", "2026-11-21T00:00+00:00", "2026-11-23T09:00+00:00"),
        ("0 9 * * 7", "", "2026-11-21T00:00+00:00", "2026-11-22T09:00+00:00"),
        # A day of the month or a day of the week, where both are given (POSIX crontab).
        ("0 0 13 * 5", "", "2026-11-21T00:00+00:00", "2026-11-27T00:00+00:00"),
        ("@daily", "", "2026-11-21T10:00+00:00", "2026-11-22T00:00+00:00"),
        ("@hourly", "Asia/Kolkata", "2026-11-21T10:00+00:00", "2026-11-21T10:30+00:00"),
        ("0 2 * * *", "Europe/Berlin", "2026-11-21T00:00+00:00", "2026-11-21T01:00+00:00"),
        ("CRON_TZ=Europe/Berlin 0 2 * * *", "", "2026-11-21T00:00+00:00", "2026-11-21T01:00+00:00"),
        ("0 0 29 2 *", "", "2026-11-21T00:00+00:00", "2028-02-29T00:00+00:00"),
        ("@every 90m", "", "2026-01-01T01:00+00:00", "2026-01-01T01:30+00:00"),
    ],
)
def test_known_answers(expression: str, zone: str, when: str, expected: str) -> None:
    assert next_fire(cron(expression, zone), after(when), ANCHOR) == after(expected)


@pytest.mark.parametrize(
    ("expression", "when", "expected"),
    [
        # Clocks go back on 4 November 2012: robfig/cron's spec_test.go calls it "1am nightly job (runs twice)".
        ("0 1 * * *", "2012-11-04T00:00-04:00", ["04T01:00-04:00", "04T01:00-05:00", "05T01:00-05:00"]),
        # Clocks go forward on 11 March 2012: there is no 02:30 that night.
        ("30 2 * * *", "2012-03-11T00:00-05:00", ["11T03:00-04:00", "12T02:30-04:00", "13T02:30-04:00"]),
        ("0 * * * *", "2012-03-11T00:30-05:00", ["11T01:00-05:00", "11T03:00-04:00", "11T04:00-04:00"]),
    ],
)
def test_clock_changes(expression: str, when: str, expected: list[str]) -> None:
    moment, fires = after(when), []
    for _ in expected:
        fire = next_fire(cron(expression, "America/New_York"), moment, ANCHOR)
        assert fire is not None
        moment = fire
        fires.append(moment.astimezone(ZoneInfo("America/New_York")).isoformat(timespec="minutes")[8:])
    assert fires == expected


@pytest.mark.parametrize(
    ("expression", "zone", "message"),
    [
        ("99 * * * *", "", "'99 * * * *' is not a cron expression"),
        ("* * * *", "", "it has five fields"),
        ("* * * * * *", "", "it has five fields"),
        ("", "", "it has five fields"),
        ("@sometimes", "", "it has five fields"),
        ("0 2 * * *", "Mars/Olympus", "'Mars/Olympus' is not a time zone"),
        ("0 2 * * *", "../etc/passwd", "is not a time zone"),
        ("0 2 * * $(x)", "", "is not a cron expression"),
    ],
)
def test_what_can_never_be_followed_is_refused(expression: str, zone: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        next_fire(cron(expression, zone), ANCHOR, ANCHOR)
    assert message in str(caught.value)


def test_a_rate_needs_an_interval() -> None:
    with pytest.raises(ScheduleError, match="at least 1"):
        next_fire(Schedule(rate=FixedRate(value=0, unit=FIXED_RATE_UNIT_MINUTE)), ANCHOR, ANCHOR)


@given(MOMENTS, ZONES, st.integers(0, 59), st.integers(0, 23))
def test_a_daily_firing_is_soon_later_and_at_its_local_time(when: datetime, zone: str, minute: int, hour: int) -> None:
    fire = next_fire(cron(f"{minute} {hour} * * *", zone), when, ANCHOR)
    assert fire is not None
    assert when < fire <= when + timedelta(hours=49)
    local = fire.astimezone(ZoneInfo(zone or "UTC"))
    # A clock change may move the one firing of that day.
    if local.utcoffset() == (local - timedelta(days=1)).utcoffset():
        assert (local.hour, local.minute) == (hour, minute)


@given(st.text(max_size=20), st.text(max_size=12))
def test_any_text_is_a_schedule_or_a_clear_error(expression: str, zone: str) -> None:
    try:
        fire = next_fire(cron(expression, zone), ANCHOR, ANCHOR)
    except ScheduleError:
        return
    assert fire is None or fire > ANCHOR


@given(MOMENTS, MOMENTS, st.integers(1, 100_000), st.booleans())
def test_a_rate_keeps_its_beat(when: datetime, start: datetime, minutes: int, given_start: bool) -> None:
    rate = FixedRate(value=minutes, unit=FIXED_RATE_UNIT_MINUTE)
    if given_start:
        moment = Timestamp()
        moment.FromDatetime(start)
        rate.start_time.CopyFrom(moment)
    fire = next_fire(Schedule(rate=rate), when, start)
    assert fire is not None
    assert fire >= start
    assert fire > when or fire == start
    assert (fire - start) % timedelta(minutes=minutes) == timedelta()
    assert fire - max(when, start) <= timedelta(minutes=minutes)


def test_missed_firings_are_those_since_then_and_no_more_than_asked_for() -> None:
    since, now = datetime(2024, 5, 1, 0, 30, tzinfo=timezone.utc), datetime(2024, 5, 1, 4, 0, tzinfo=timezone.utc)
    hourly = Schedule(cron=Cron(expression="0 * * * *"))
    fires = missed_fires(hourly, since, now, since, 10)
    assert [moment.hour for moment in fires] == [1, 2, 3, 4]
    assert missed_fires(hourly, since, now, since, 2) == fires[:2]
    assert missed_fires(hourly, now, now, since, 2) == []
