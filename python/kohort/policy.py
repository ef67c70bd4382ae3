"""How much a release of group numbers protects."""

from __future__ import annotations

from dataclasses import dataclass, fields

from kohort._checks import share, whole
from kohort._objects import html

__all__ = ["ReleasePolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePolicy:
    """How much a release protects.

    Parameters
    ----------
    k
        So many *other* learners share every atom of a release with each learner; at least
        5, and a multiple of `base`.
    base
        Every count is rounded to the nearest multiple of it; at least 5.
    coverage_floor
        The share of today's eligible members that a released roster must cover; at least
        0.5.

    Raises
    ------
    PolicyError
        When it is used, if it is below a floor or weaker than one used before.

    Notes
    -----
    When a learner withdraws, `k` others of her group step out with her, so that she cannot be found
    by subtraction. Of a group of `n`, `n - k - 1` of `n - 1` are left: at least `coverage_floor` if
    ``n >= 1 + k / (1 - coverage_floor)``. When so many withdraw one after the other, each before
    another release, a group stays from this size on, at a floor of 0.7 (and of 0.5):

    ====  ========  =========  =========
    k     1         2          3
    ====  ========  =========  =========
    5     18 (12)   36 (22)    53 (33)
    10    35 (22)   69 (42)    103 (63)
    20    68 (42)   136 (82)   203 (123)
    ====  ========  =========  =========

    Those who withdraw between two releases cost no more than one: who releases weekly loses fewer
    groups than who releases daily. Who changes groups costs the group that she leaves as much as one
    who withdraws. Leaving a course costs nothing, because leavers stay on the roster.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.ReleasePolicy(k=20)
    ReleasePolicy(k=20, base=5, coverage_floor=0.7)
    """

    k: int = 10
    base: int = 5
    coverage_floor: float = 0.7

    def __post_init__(self) -> None:
        """Take the numbers exactly; the floors are the engine's."""
        object.__setattr__(self, "k", whole("k", self.k, least=0, most=2**31 - 1))
        object.__setattr__(self, "base", whole("base", self.base, least=0, most=2**31 - 1))
        object.__setattr__(self, "coverage_floor", share("coverage_floor", self.coverage_floor))

    def _repr_html_(self) -> str:
        return html("ReleasePolicy", [(field.name, getattr(self, field.name)) for field in fields(self)])
