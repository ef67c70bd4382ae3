"""Personal tables of participation: features used, what a learner gives to others."""

from __future__ import annotations

import polars as pl

from kohort._asking import Asking


class ParticipationTables(Asking):
    """The tables that count what learners do, by verb."""

    __slots__ = ()

    def feature_usage(self) -> pl.DataFrame:
        """Tell which features of the platform each learner uses.

        The features and their verbs: `bookmarks` (bookmarked), `discussions` (posted, replied,
        commented), `downloads` (downloaded), `highlights` (highlighted), `hints` (hinted),
        `likes` (liked), `notes` (noted), `search` (searched), `shares` (shared),
        `video_playback` (played, paused, seeked, ended). What a log has no verb for, such as
        reading transcripts, is not listed. A platform that lacks a feature, or does not log it,
        looks like one whose learners do not use it.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `feature` (every feature for each learner and course, as in
            `summary`), `events` (rows, 0 if unused), `first_used`, `last_used` (null if
            unused), `used`. In a log without verbs the last four are null.

        Notes
        -----
        The verbs are those of the schema; counts of interactions by type follow Macfadyen &
        Dawson 2010, "Mining LMS data to develop an early warning system for educators",
        doi:10.1016/j.compedu.2009.09.008.

        Examples
        --------
        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-01T10:00Z", "2024-03-01T10:05Z", "2024-03-01T10:09Z"],
        ...     "content": ["p1", "p1", "v1"],
        ...     "verb": ["searched", "searched", "played"],
        ... })
        >>> usage = kh.LearningData(log).personal().feature_usage()
        >>> usage.filter("used").select("feature", "events").rows()
        [('search', 2), ('video_playback', 1)]
        >>> usage.height
        10
        """
        return self._ask(lambda report: self._engine.feature_usage(progress=report))

    def collaboration(self) -> pl.DataFrame:
        """Count what each learner contributes to others.

        Only her own acts: whom she answered, who liked a post of hers and who wrote beside her
        are events of other learners, and a learner's numbers never depend on those.

        Returns
        -------
        polars.DataFrame
            `learner`, `course` (one row each, as in `summary`), `posts` (posted), `replies`
            (replied), `comments` (commented), `threads` (distinct contents she did any of these
            three in), `likes_given` (liked), `highlights` (highlighted), `notes` (noted),
            `shares` (shared). In a log without verbs all counts are null.

        Notes
        -----
        Counts by verb; a thread is the content of its posts. Networks of replies are about
        groups: Brandes 2001, "A faster algorithm for betweenness centrality",
        doi:10.1080/0022250X.2001.9990249.

        Examples
        --------
        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 4,
        ...     "time": [f"2024-03-01T10:0{minute}Z" for minute in range(4)],
        ...     "content": ["thread 1", "thread 1", "thread 2", "thread 3"],
        ...     "verb": ["posted", "replied", "replied", "liked"],
        ... })
        >>> own = kh.LearningData(log).personal().collaboration()
        >>> own.select("posts", "replies", "comments", "threads", "likes_given").rows()
        [(1, 2, 0, 2, 1)]
        """
        return self._ask(lambda report: self._engine.collaboration(progress=report))
