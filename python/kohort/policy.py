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
