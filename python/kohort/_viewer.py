"""Somebody who looks at learning data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort import _core
from kohort._checks import learner_id
from kohort._objects import Described, Facts
from kohort.exceptions import ParameterTypeError
from kohort.typing import LearnerId

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Viewer"]


class Viewer(Described):
    """Somebody who looks: a learner, an instructor, a researcher or a recommender.

    The host vouches for who it is. What she may see follows from relations in the tables
    rather than from what she is called: an instructor on no board sees nothing. Her id is
    never shown again.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.Viewer.instructor("T1")
    <Viewer as: instructor>
    """

    __slots__ = ("_as", "_engine")
    _as: str
    _engine: _core.Viewer

    def __init__(self) -> None:
        raise TypeError("use Viewer.learner(id), .instructor(id), .researcher() or .recommender()")

    @classmethod
    def _of(cls, kind: str, engine: _core.Viewer) -> Self:
        self = object.__new__(cls)
        self._set(_as=kind, _engine=engine)
        return self

    @classmethod
    def learner(cls, id: LearnerId) -> Self:
        """Look as a learner: at herself, and at the groups that she is a member of.

        Parameters
        ----------
        id
            Her id, in the type it came in. Ids are compared as bytes after Unicode
            normalization (NFC): ``"a"`` is not ``"A"``.

        Returns
        -------
        Viewer
            For `LearningData.seen_by`.

        Raises
        ------
        ParameterTypeError
            If the id is neither a string nor an integer.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.Viewer.learner("L7")
        <Viewer as: learner>
        """
        return cls._of("learner", _core.Viewer.learner(learner_id(id, name="id")))

    @classmethod
    def instructor(cls, id: LearnerId) -> Self:
        """Look as an instructor: at the learners of her boards, at the boards, and at their courses.

        Parameters
        ----------
        id
            The `person` in the table `roles`, compared as in `learner`.

        Returns
        -------
        Viewer
            For `LearningData.seen_by`.

        Raises
        ------
        ParameterTypeError
            If the id is neither a string nor an integer.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.Viewer.instructor(12)
        <Viewer as: instructor>
        """
        return cls._of("instructor", _core.Viewer.instructor(learner_id(id, name="id")))

    @classmethod
    def researcher(cls) -> Self:
        """Look as a researcher: at results under differential privacy only.

        Returns
        -------
        Viewer
            For `LearningData.seen_by`.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.Viewer.researcher()
        <Viewer as: researcher>
        """
        return cls._of("researcher", _core.Viewer.researcher())

    @classmethod
    def recommender(cls) -> Self:
        """Look as a recommender: at results under differential privacy only, at no person and no group.

        Returns
        -------
        Viewer
            For `LearningData.seen_by`.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.Viewer.recommender()
        <Viewer as: recommender>
        """
        return cls._of("recommender", _core.Viewer.recommender())

    @property
    def kind(self) -> str:
        """What the viewer is: ``learner``, ``instructor``, ``researcher`` or ``recommender``."""
        return self._as

    def _facts(self) -> Facts:
        return [("as", self._as)]


def engine_of(viewer: object) -> _core.Viewer:
    """Return the engine's viewer."""
    if isinstance(viewer, Viewer):
        return viewer._engine
    raise ParameterTypeError(
        f'`viewer` must be a viewer such as kohort.Viewer.learner("L7"), got {type(viewer).__name__}'
    )
