"""A slow, obvious twin of every personal metric.

Plain loops over plain dicts, written from the definitions alone and never from the
engine: its only job is to be easy to check by eye. Times and lengths of time are whole
microseconds (instants in UTC), calendars come from ``datetime`` and ``zoneinfo``.
"""

from __future__ import annotations

from twin_assessment import assessments, responses, struggle
from twin_course import drop_off, is_complete, progress
from twin_engagement import engagement
from twin_log import (
    CALENDAR,
    DAY,
    EPOCH,
    HOUR,
    MINUTE,
    NO_CONTENT,
    SECOND,
    VERBS,
    Cell,
    Log,
    Row,
    by_day_only,
    by_pair,
    course_rows,
    default_as_of,
    is_activity,
    is_engagement,
    local_day,
    zone_of,
)
from twin_navigation import navigation, navigation_summary
from twin_participation import collaboration, feature_usage
from twin_periods import person_periods
from twin_regularity import activity_calendar, activity_clock, delay, regularity
from twin_rhythm import frequency
from twin_series import progress_over_time
from twin_studied import pace, studied_content
from twin_time import DEFAULT, StudyTime, sessions, study_time, touching, walks
from twin_video import video, video_segments
from twin_weekly import weekly_features

__all__ = [
    "CALENDAR",
    "DAY",
    "DEFAULT",
    "EPOCH",
    "HOUR",
    "MINUTE",
    "NO_CONTENT",
    "SECOND",
    "VERBS",
    "Cell",
    "Log",
    "Row",
    "StudyTime",
    "activity_calendar",
    "activity_clock",
    "assessments",
    "collaboration",
    "default_as_of",
    "delay",
    "drop_off",
    "engagement",
    "feature_usage",
    "frequency",
    "navigation",
    "navigation_summary",
    "pace",
    "person_periods",
    "progress",
    "progress_over_time",
    "regularity",
    "responses",
    "sessions",
    "struggle",
    "studied_content",
    "study_time",
    "summary",
    "video",
    "video_segments",
    "weekly_features",
]


def summary(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    inactivity: int = 14 * DAY,
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """Give one row per learner and course."""
    day_only = by_day_only(log)
    all_sessions = walks(log, est, as_of)
    progressed = progress(log, as_of, completion=completion)
    dropped = drop_off(log, as_of, inactivity=inactivity, completion=completion)
    rows = []
    for ((learner, course), events), done, left in zip(
        by_pair(log, as_of).items(), progressed, dropped, strict=True
    ):
        activity = [e for e in events if is_activity(e)]
        zone = zone_of(log, learner)
        counted = all_sessions[learner]
        pieces = [p for session in counted for p in session.pieces]
        days = {local_day(e["time"], zone, log.day_start) for e in activity}
        finished = [row for row in course_rows(log, course) if is_complete(log, row, events, completion)]
        rows.append(
            {
                "learner": learner,
                "course": course,
                "events": len(events),
                "interactions": sum(e["count"] for e in events),
                "sessions": None if day_only else len(touching(counted, course)),
                "study_time": None
                if day_only
                else sum(b - a for owner, a, b in pieces if owner["course"] == course),
                "active_days": len(days),
                "first_active": activity[0]["time"] if activity else None,
                "last_active": activity[-1]["time"] if activity else None,
                "contents": len({e["content"] for e in events if is_engagement(e)}),
                "completed": None if log.catalog is None else len(finished),
                "progress": done["progress"],
                "furthest_content": left["furthest_content"],
                "furthest_position": left["furthest_position"],
                "last_content": left["last_content"],
                "status": left["status"],
            }
        )
    return rows
