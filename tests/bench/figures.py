"""A measured figure beside what it has to keep to, and how a table of them is printed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table: a ratio to the floor, or a quantity with its unit."""

    name: str
    value: float
    bound: float
    unit: str = "× floor"
    at_least: bool = False
    """Whether the bound is the least that will do, not the most."""
    how: str = ""
    """What else is worth knowing: milliseconds, best of how many."""

    @property
    def kept(self) -> bool:
        """Whether the figure keeps to its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        held = "ok  " if self.kept else "MISS"
        return (
            f"{held} {self.name:<44}{_plain(self.value):>9} {self.unit:<12}"
            f"{sign} {_plain(self.bound):<8}{self.how}"
        ).rstrip()


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value < 100 else f"{value:,.0f}"


def print_all(figures: Iterable[Figure]) -> list[Figure]:
    """Print each as it comes; gives those that miss."""
    missed = []
    for figure in figures:
        print(figure, flush=True)
        if not figure.kept:
            missed.append(figure)
    return missed
