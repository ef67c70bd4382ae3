"""What learning data are asked for: each learner's numbers, those of groups, those of research, a view."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Literal

from kohort import _core
from kohort._objects import Described
from kohort._viewer import Viewer
from kohort.audience import View
from kohort.group import ReferenceGroups
from kohort.ledger import Ledger
from kohort.personal import PersonalAnalytics
from kohort.policy import ReleasePolicy
from kohort.research import Research
from kohort.typing import Instant, Kind, Progress, Rule, Span

if TYPE_CHECKING:
    from kohort.estimator import StudyTime


class Analyses(Described):
    """The doors from learning data to their analytics."""

    __slots__ = ()
    _engine: _core.LearningData

    def personal(
        self,
        *,
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        inactivity: Span = "14d",
        completion: Mapping[Kind, Rule] | None = None,
        progress: Progress = False,
    ) -> PersonalAnalytics:
        """Make Personal Learning Analytics: each learner's numbers from her own events.

        Parameters
        ----------
        study_time
            The estimator of study time; `StudyTime` as it is if left out.
        as_of
            What was known then decides every number; the newest time in the log if left
            out. A date is its first moment; what has no zone is in the data's.
        inactivity
            A learner without activity for longer has stopped.
        completion
            Rules that differ from the usual ones, per kind of content:
            ``{"quiz": "passed"}``.
        progress
            ``True`` for a bar on stderr, or a function of (done, total).

        Returns
        -------
        PersonalAnalytics
            The tables to ask for.

        Raises
        ------
        ParameterError
            If an option is outside what it may be.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=20, courses=1).data.personal(inactivity="7d")
        >>> pla.drop_off().columns[:3]
        ['learner', 'course', 'status']
        """
        return PersonalAnalytics._of(
            self._engine,
            study_time=study_time,
            as_of=as_of,
            inactivity=inactivity,
            completion=completion,
            progress=progress,
        )

    def reference_groups(
        self,
        *,
        by: Literal["course", "group"],
        policy: ReleasePolicy | None = None,
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        period: Literal["week", "month"] | None = None,
        lag: Span = "2d",
        ledger: Ledger | str | PathLike[str] | None = None,
        progress: Progress = False,
    ) -> ReferenceGroups:
        """Make Reference Group Analytics: numbers of groups that give nobody's value away.

        A release is allowed only if, with it added, the learners who were in the same
        releases so far are always at least ``k + 1``. What was released stands in a ledger:
        without one, in memory, for this object alone.

        Parameters
        ----------
        by
            ``"course"`` takes the groups from the enrollments, ``"group"`` from the
            memberships.
        policy
            How much is protected; `ReleasePolicy` as it is if left out. A policy weaker
            than one already used under the same ledger is refused.
        study_time
            The estimator of study time; `StudyTime` as it is if left out.
        as_of
            What was known then decides every number; the end of the local day of the newest
            event of anybody on a roster if left out. With `period` it is the present.
        period
            ``"week"`` (Monday to Sunday) or ``"month"``, in the time zone of the data: the last
            one that ended `lag` ago. All tables of it are made and sealed at once, course by course,
            so that they know of the same events: they stand in the ledger, and asking again,
            whatever the data are by then, returns the same bytes. What comes late counts from the
            next period on, in what is cumulative (`ReferenceGroups.late`). A table with a part that
            the asker chose freely (the steps of a funnel, a pass mark, another width) is sealed
            when it is first asked for, from what is known then.
        lag
            How long to wait for the events of a period.
        ledger
            A file, or a `Ledger`, for everything that releases more than once: other processes,
            the job of next week. Each course (each term of it, where the courses table names
            one) is held against all that was ever released of it.
        progress
            ``True`` for a bar on stderr, or a function of (done, total).

        Returns
        -------
        ReferenceGroups
            The tables to ask for.

        Raises
        ------
        MissingTableError
            If the enrollments or memberships were not given.
        PolicyError
            If the policy is below its floor or weaker than before, or a term begins less than
            28 days from another one of its course.
        LedgerError
            If the ledger cannot be used, was edited or was put back.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=2).data.reference_groups(by="course")
        >>> groups.quantiles("study_time").columns
        ['group', 'metric', 'quantile', 'value', 'n', 'unit', 'reason']

        The last week that ended two days before the newest day, sealed:

        >>> data = kh.simulate(learners=500, courses=1, seed=1).data
        >>> ledger = kh.Ledger()
        >>> week = data.reference_groups(by="course", period="week", ledger=ledger)
        >>> week.period[1] - week.period[0]
        datetime.timedelta(days=7)
        >>> again = data.reference_groups(by="course", period="week", ledger=ledger)
        >>> week.summary().equals(again.summary()), week.late
        (True, 0)
        """
        return ReferenceGroups._of(
            self._engine,
            by=by,
            policy=policy,
            study_time=study_time,
            as_of=as_of,
            period=period,
            lag=lag,
            ledger=ledger,
            progress=progress,
        )

    def research(
        self,
        *,
        epsilon: float,
        delta: float = 1e-6,
        purpose: Literal["research", "recommendation"] = "research",
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        ledger: Ledger | str | PathLike[str] | None = None,
        progress: Progress = False,
    ) -> Research:
        """Ask for tables that may leave the platform: differentially private ones.

        Any result could have come out almost equally (factor e^epsilon, slack delta) without
        any one learner's data. Each table that is asked for costs `epsilon`, and `delta` where
        small rows are left out; per purpose and year, epsilon 1 and delta 0.000001 can be
        spent, and no more. What was spent stands in a ledger: without one, in memory, for this
        object alone.

        Parameters
        ----------
        epsilon
            What each table costs: above 0 and up to 1, in steps of 0.000001. Less of it is more
            noise.
        delta
            What each table costs besides that has a threshold: up to 0.000001, in steps of
            1e-12. Less of it is a higher threshold.
        purpose
            Whose consent is needed, and whose budget is spent.
        study_time
            The estimator of study time; `StudyTime` as it is if left out.
        as_of
            What was known then decides every number; the present if left out, because the
            newest event would be some learner's.
        ledger
            A file, or a `Ledger`, for everything that releases more than once: other processes,
            the job of next month. What a table costs is on disk before its noise is drawn.
        progress
            ``True`` for a bar on stderr, or a function of (done, total).

        Returns
        -------
        Research
            The tables to ask for.

        Raises
        ------
        ParameterError
            If there is no such purpose, or no year has so large an epsilon or delta.
        SchemaError
            If the catalog was derived from the log.
        LedgerError
            If the ledger cannot be used, was edited or was put back.

        Examples
        --------
        >>> import kohort as kh
        >>> research = kh.simulate(learners=500, courses=2).data.research(epsilon=0.25)
        >>> research.counts(by="course").height
        2
        >>> research.left["epsilon"]
        0.75
        """
        return Research._of(
            self._engine,
            epsilon=epsilon,
            delta=delta,
            purpose=purpose,
            study_time=study_time,
            as_of=as_of,
            ledger=ledger,
            progress=progress,
        )

    def seen_by(self, viewer: Viewer) -> View:
        """Show this data as a viewer may see it; what no relation allows is denied.

        `LearningData` itself is the host's and shows everything. The host knows who asks;
        the tables say what she is to whom: `roles` who instructs a group, `memberships`
        who is on it, `consents` who agrees to be seen there.

        Parameters
        ----------
        viewer
            Who looks: ``kh.Viewer.learner(id)``, ``.instructor(id)``, ``.researcher()``
            or ``.recommender()``.

        Returns
        -------
        View
            What she may see.

        Raises
        ------
        ParameterTypeError
            If it is no viewer.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=50, courses=2, seed=1).data
        >>> view = data.seen_by(kh.Viewer.learner("L7"))
        >>> view.personal().summary()["learner"].unique().to_list()
        ['L7']
        """
        return View._of(self._engine, viewer)
