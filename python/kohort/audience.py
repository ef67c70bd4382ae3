"""Learning data as one viewer sees it."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Literal

from kohort import _core
from kohort._objects import Described, Facts
from kohort._viewer import Viewer, engine_of
from kohort.group import ReferenceGroups
from kohort.ledger import Ledger
from kohort.personal import PersonalAnalytics
from kohort.policy import ReleasePolicy
from kohort.research import Research
from kohort.typing import Instant, Kind, Progress, Rule, Span

if TYPE_CHECKING:
    from typing_extensions import Self

    from kohort.estimator import StudyTime

__all__ = ["View"]


class View(Described):
    """What one viewer may see of learning data.

    Made by `LearningData.seen_by`. Whatever no relation allows is a `DeniedError`, in the
    same words whether it exists or not: a learner that nobody has heard of, one who is not
    on the viewer's boards, one who is not the viewer.

    Examples
    --------
    >>> import kohort as kh
    >>> view = kh.simulate(learners=500, courses=1, seed=1).data.seen_by(kh.Viewer.learner("L7"))
    >>> view.reference_groups(by="course").compare("L7", "study_time").height
    1
    >>> view.personal().learner("L8")
    Traceback (most recent call last):
    kohort.exceptions.DeniedError: denied: there is nothing here that this viewer may see
    """

    __slots__ = ("_engine", "_viewer")
    _engine: _core.View
    _viewer: Viewer

    def __init__(self) -> None:
        raise TypeError("use LearningData.seen_by() to make a View")

    @classmethod
    def _of(cls, data: _core.LearningData, viewer: Viewer) -> Self:
        self = object.__new__(cls)
        self._set(_engine=data.seen_by(engine_of(viewer)), _viewer=viewer)
        return self

    @property
    def viewer(self) -> Viewer:
        """Whose view it is."""
        return self._viewer

    def personal(
        self,
        *,
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        inactivity: Span = "14d",
        completion: Mapping[Kind, Rule] | None = None,
        progress: Progress = False,
    ) -> PersonalAnalytics:
        """Make Personal Learning Analytics of the learners that the viewer may see.

        A learner sees her own. An instructor sees those of the learners who are on her boards at
        `as_of` and whose consent to the purpose ``personal`` stands (a withdrawal counts from the
        next call on, whatever `as_of` is; without a consents table the host answers for it), from
        their events in the boards' courses alone: in all courses where a board has none. Nobody
        else's events are read.

        Parameters
        ----------
        study_time, inactivity, completion, progress
            As in `LearningData.personal`.
        as_of
            What was known then decides every number; the newest time among the events that
            the viewer may see if left out. Give the present where the host knows it.

        Returns
        -------
        PersonalAnalytics
            The tables to ask for.

        Raises
        ------
        DeniedError
            If the viewer has nobody to see: not a learner of this data, no instructor of a
            group with members, a researcher, a recommender.
        ParameterError
            If an option is outside what it may be.

        Examples
        --------
        >>> import kohort as kh
        >>> view = kh.simulate(learners=20, courses=1).data.seen_by(kh.Viewer.learner("L3"))
        >>> view.personal(inactivity="7d").drop_off()["learner"].to_list()
        ['L3']
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
        """Make Reference Group Analytics of the groups that the viewer may see.

        A learner sees the groups whose roster she is on, and `compare` places only her own values.
        An instructor sees her boards and their courses, less what would give learners away whom
        she does not know: a group is withheld from her as ``TooFew`` unless she knows everybody in
        it, or every set of learners who were in the same releases so far holds none or more than
        ``k`` unknown to her. She knows those who are or were on her boards, while their consent to
        the purpose ``personal`` stands.

        The groups are made of everybody, and every view of the same data shares one ledger of
        releases. To show the same groups to many viewers make them once and ask
        `ReferenceGroups.seen_by` of them.

        With `period` the tables are cut from those that the host seals, whoever asks first. The
        groups and rosters that count are those that were sealed; a learner sees the groups that she
        is a member of by the tables of today (as of the end of the period), and `(other)` where it
        stands for her board or she was on its roster.

        Parameters
        ----------
        by, policy, study_time, as_of, period, lag, ledger, progress
            As in `LearningData.reference_groups`.

        Returns
        -------
        ReferenceGroups
            The tables to ask for. A group of somebody else has no row, like one that does not
            exist.

        Raises
        ------
        DeniedError
            If the viewer is no learner of this data, no instructor of a group with members,
            a researcher, or a recommender.
        MissingTableError
            If the enrollments or memberships were not given.
        PolicyError
            If the policy is below its floor or weaker than before.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=500, courses=3, seed=1).data
        >>> hers = data.seen_by(kh.Viewer.learner("L7")).reference_groups(by="course").groups
        >>> 1 <= len(hers) < len(data.reference_groups(by="course").groups)
        True
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
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        ledger: Ledger | str | PathLike[str] | None = None,
        progress: Progress = False,
    ) -> Research:
        """Ask for tables that may leave the platform, for the purpose that is the viewer's.

        A researcher asks for the purpose ``research``, a recommender for ``recommendation``: that
        is whose consent is needed, and whose budget is spent.

        Parameters
        ----------
        epsilon, delta, study_time, as_of, ledger, progress
            As in `LearningData.research`.

        Returns
        -------
        Research
            The tables to ask for.

        Raises
        ------
        DeniedError
            If the viewer is a learner or an instructor.
        ParameterError
            If no year has so large an epsilon or delta.
        SchemaError
            If the catalog was derived from the log.
        LedgerError
            If the ledger cannot be used, was edited or was put back.

        Examples
        --------
        >>> import kohort as kh
        >>> view = kh.simulate(learners=500, courses=2).data.seen_by(kh.Viewer.researcher())
        >>> view.research(epsilon=0.25).counts(by="course").height
        2
        """
        return Research._of(
            self._engine,
            epsilon=epsilon,
            delta=delta,
            purpose="recommendation" if self._viewer.kind == "recommender" else "research",
            study_time=study_time,
            as_of=as_of,
            ledger=ledger,
            progress=progress,
        )

    def _facts(self) -> Facts:
        return self._viewer._facts()
