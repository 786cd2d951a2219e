"""Asks components what they know before a row is read; what goes wrong meanwhile becomes problems of the recipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sartor.blame import STOPS, machine_error, plugin_problem
from sartor.errors import Position, Problem, SartorError
from sartor.recipe.document import KeyPath
from sartor.recipe.model import Recipe


@dataclass
class Asking:
    """Asks the components of one recipe.

    Parameters
    ----------
    recipe : Recipe
    problems : list of Problem
        Gets what is wrong.
    """

    recipe: Recipe
    problems: list[Problem] = field(default_factory=list)

    @contextmanager
    def verb(self, path: KeyPath, use: str, verb: str, where: Position | None = None) -> Iterator[None]:
        """Report what a verb raises, and go on.

        Parameters
        ----------
        path : tuple
            Where the component's step stands in the recipe.
        use, verb : str
        where : Position, optional
            Of what the component itself finds wrong; the step's `use` unless given.
        """
        of_use = self.recipe.document.where((*path, "use"))
        try:
            yield
        except SartorError as error:
            self.problems += [problem.at(where or of_use) for problem in error.problems]
        except STOPS:
            raise
        except BaseException as error:
            step = ".".join(str(part) for part in path)
            machine = machine_error(error, at=f"{verb} of {step}")
            if machine is not None:
                raise machine from error
            self.problems.append(plugin_problem(error, f"{self.recipe.name}: step {step}", use, verb, of_use))
