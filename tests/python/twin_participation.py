"""The twin's features and collaboration: counts of verbs."""

from __future__ import annotations

from twin_log import Log, Row, by_pair

FEATURES = {
    "bookmarks": ["bookmarked"],
    "discussions": ["posted", "replied", "commented"],
    "downloads": ["downloaded"],
    "highlights": ["highlighted"],
    "hints": ["hinted"],
    "likes": ["liked"],
    "notes": ["noted"],
    "search": ["searched"],
    "shares": ["shared"],
    "video_playback": ["played", "paused", "seeked", "ended"],
}


def has_verbs(log: Log) -> bool:
    """Whether the log has a column of verbs at all."""
    return any("verb" in row for row in log.events)


def feature_usage(log: Log, as_of: int | None = None) -> list[Row]:
    """Give one row per learner, course and feature."""
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        for feature, verbs in FEATURES.items():
            times = [e["time"] for e in events if e["verb"] in verbs]
            rows.append(
                {
                    "learner": learner,
                    "course": course,
                    "feature": feature,
                    "events": len(times) if has_verbs(log) else None,
                    "first_used": times[0] if times else None,
                    "last_used": times[-1] if times else None,
                    "used": bool(times) if has_verbs(log) else None,
                }
            )
    return rows


def collaboration(log: Log, as_of: int | None = None) -> list[Row]:
    """Count what each learner contributes in each course."""
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        verbs = [e["verb"] for e in events]
        written = [e["content"] for e in events if e["verb"] in FEATURES["discussions"]]
        counts = {
            "posts": verbs.count("posted"),
            "replies": verbs.count("replied"),
            "comments": verbs.count("commented"),
            "threads": len(set(written)),
            "likes_given": verbs.count("liked"),
            "highlights": verbs.count("highlighted"),
            "notes": verbs.count("noted"),
            "shares": verbs.count("shared"),
        }
        if not has_verbs(log):
            counts = dict.fromkeys(counts)  # type: ignore[assignment]
        rows.append({"learner": learner, "course": course} | counts)
    return rows
