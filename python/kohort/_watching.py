"""What learners watched of videos."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort._asking import Asking
from kohort._checks import word
from kohort._spans import span
from kohort.typing import Span

Open = Literal["drop", "impute"]


class Watching(Asking):
    """Tables about what a learner watched."""

    __slots__ = ()

    def video(self, *, open: Literal["drop", "impute"] = "drop") -> pl.DataFrame:
        """Tell what each learner watched of each video.

        A `played` begins a stretch of content time at its position; the next `paused`,
        `seeked` (where it left), `ended`, `completed` or `terminated` of the same content
        and session ends it. Stretches below 0.25 s are dropped, what lies outside the video
        is cut off. A seek out of playing goes on at `position_to`, a `completed` where it
        was, as far as the next stop shows. A second `played` ends the first if playing, at
        the speed told, can have come that far by then; else the first is never closed. What a
        second `played`, or a stop after a `seeked` or `completed`, ends counts only if its
        position lies before it by no more than the clock times the speed, give or take a
        second, and by no more than half an hour less than that.

        Where the log has `segments`, those of the latest event of a session are the truth of
        what was covered: `distinct`, `coverage`, `completed` and `furthest` come from them,
        also from those that are shorter than 0.25 s.
        `plays`, `pauses`, `seeks` and `open` come from the events. `watch_time` is, session
        by session, the longer of what the segments say and what the events say, as players
        may leave repeats out of their segments.

        Parameters
        ----------
        open
            What becomes of plays that nothing closed: with ``"drop"`` nothing of them counts
            as watched; with ``"impute"`` they run until the learner's next event (for half an
            hour at most, times the speed) or the end of the video. Without a next event or a
            length they stay open.

        Returns
        -------
        polars.DataFrame
            One row per learner and content with playback: `learner`, `course`, `content`,
            `plays`, `pauses`, `seeks`, `watch_time` (content time watched, repeats included;
            Duration), `distinct` (without repeats; Duration), `coverage` (`distinct` over the
            length, 0..1), `rewatch_share` (the share of `watch_time` that is repeats),
            `furthest` (the furthest second watched), `completed` (coverage of at least
            0.95), `open` (plays never closed), `reason`. The length is the catalog's, else
            the longest that the learner's events tell; without one `coverage` and
            `completed` are null. Where the log tells no positions, or closes no play, how
            much was watched is unknown, and null. `reason` says which it was.

        Notes
        -----
        Played segments are those of the xAPI Video Profile
        (https://w3id.org/xapi/video). Views and repeats follow Kim, Guo, Seaton, Mitros,
        Gajos and Miller (2014), L@S, doi:10.1145/2556325.2566237.

        Examples
        --------
        A film of 100 seconds: 0 to 60, then from 40 to 90. That is 110 seconds of watching, 90 of them
        different ones, and 20 of 110 are repeats.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 4,
        ...     "time": [f"2024-03-04T10:0{minute}Z" for minute in range(4)],
        ...     "content": ["film"] * 4,
        ...     "verb": ["played", "paused", "played", "paused"],
        ...     "position": [0.0, 60.0, 40.0, 90.0],
        ...     "length": [100.0] * 4,
        ... })
        >>> (row,) = kh.LearningData(log).personal().video().to_dicts()
        >>> row["watch_time"].seconds, row["distinct"].seconds, row["coverage"], row["completed"]
        (110, 90, 0.9, False)
        >>> round(row["rewatch_share"], 4)
        0.1818
        """
        open_ = word("open", open, Open)
        return self._ask(lambda report: self._engine.video(open_, progress=report))

    def video_segments(self, *, width: Span = "1s") -> pl.DataFrame:
        """Tell which segments of each video each learner watched, and how often.

        A pass over a second counts where it runs over the middle of it, so that a pause
        within a second makes no second view. Where the log has `segments`, they say which
        seconds were watched, and plays and stops may only add repeats.

        These are personal rows. Sums over learners tell about groups: what others may see
        must come from `LearningData.reference_groups`.

        Parameters
        ----------
        width
            The length of a step: whole seconds, from ``"1s"`` to ``"1d"``.

        Returns
        -------
        polars.DataFrame
            One row per learner, content and run of neighbouring steps that she watched equally
            often: `learner`, `course`, `content`, `from_second` and `to_second` (where the run
            begins and where it is over, in seconds of content time), `views` (passes over each
            step of it, 1 or more; all but the first are re-watching). Steps that she did not
            watch are in no row. Seconds after the first day of a content are left out.

        Raises
        ------
        ParameterError
            If `width` is not a number of whole seconds.

        Notes
        -----
        Kim, Guo, Seaton, Mitros, Gajos and Miller (2014), L@S, doi:10.1145/2556325.2566237.

        Examples
        --------
        From 0 to 60 and from 40 to 90: what lies between 40 and 60 was seen twice.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 4,
        ...     "time": [f"2024-03-04T10:0{minute}Z" for minute in range(4)],
        ...     "content": ["film"] * 4,
        ...     "verb": ["played", "paused", "played", "paused"],
        ...     "position": [0.0, 60.0, 40.0, 90.0],
        ... })
        >>> segments = kh.LearningData(log).personal().video_segments()
        >>> segments.select("from_second", "to_second", "views").rows()
        [(0, 40, 1), (40, 60, 2), (60, 90, 1)]

        A row for each second, if that is needed:

        >>> seconds = pl.int_ranges("from_second", "to_second")
        >>> segments.with_columns(second=seconds).explode("second")["views"].sum()
        110
        """
        micros = span("width", width)
        return self._ask(lambda report: self._engine.video_segments(micros, progress=report))
