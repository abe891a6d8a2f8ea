"""`{{ expressions }}` of a narrative, evaluated in a sandbox that knows our functions and nothing else.

No arithmetic, no attributes of texts, no loops: a number in a policy is looked up or computed by a named function,
never made up on the spot.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from medpol.problems import Place, Problem
from medpol.rendering.publication.model import Computed, Figure, Group, Inline, Pointer, Run, TableBlock, Terms

Value = Inline | TableBlock | Figure | Group | Terms | tuple[Any, ...]
LONGEST = 500  # characters of one expression


class _Sandbox(ImmutableSandboxedEnvironment):
    """Calls of the functions it was given; nothing on any object."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "**", "%"])
    intercepted_unops = frozenset(["+", "-"])

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - the sandbox's own shape
        return isinstance(obj, Facts) and attr in obj.values

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Facts):
            return obj.values.get(attribute) or self.undefined(name=attribute)
        return self.unsafe_undefined(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        return any(obj == function for function in self.globals.values())

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        raise SecurityError(f"'{operator}' is not allowed: ask for the number by a function")

    def call_unop(self, context: Any, operator: str, arg: Any) -> Any:  # noqa: ARG002
        raise SecurityError(f"'{operator}' is not allowed: ask for the number by a function")


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with texts: `policy.number`, `version.effective`."""

    values: Mapping[str, str]


class Expressions:
    """Evaluates expressions; what goes wrong becomes a problem at the expression's place."""

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], facts: Mapping[str, Facts], problems: list[Problem]
    ) -> None:
        sandbox = _Sandbox(undefined=StrictUndefined)
        sandbox.globals.clear()
        sandbox.filters.clear()
        sandbox.tests.clear()
        sandbox.globals.update(functions)
        self._sandbox = sandbox
        self._facts = facts
        self._problems = problems

    def value(self, source: str, place: Place) -> Value | None:
        """What an expression gives; None after a problem."""
        try:
            return self._printable(source, self._computed(source))
        except TemplateSyntaxError as error:
            said = f"cannot be read: {error.message}"
        except (TemplateError, KeyError, ValueError, TypeError, RecursionError) as error:
            said = str(error.args[0]) if error.args else type(error).__name__
        remedy = "see docs/publishing.md for the functions and the evidence for their names"
        self._problems.append(Problem(place, "MP920", f"{{{{ {source} }}}}: {said}", remedy))
        return None

    def _computed(self, source: str) -> Any:
        if len(source) > LONGEST:
            raise ValueError(f"longer than {LONGEST} characters")
        return self._sandbox.compile_expression(source, undefined_to_none=False)(**self._facts)

    def _printable(self, source: str, found: Any) -> Value:
        if isinstance(found, StrictUndefined):
            with suppress(UndefinedError):
                str(found)  # raises what is the matter: SecurityError for what may not be touched
            known = ", ".join(sorted([*self._sandbox.globals, *self._facts]))
            raise ValueError(f"names something that is not here; there are {known}")
        if isinstance(found, Computed):
            return replace(found, expression=source)
        if isinstance(found, str):
            return Run(text=found)
        if isinstance(found, Run | Pointer | TableBlock | Figure | Group | Terms | tuple):
            return found
        raise ValueError(f"gives a {type(found).__name__}, which cannot be printed")
