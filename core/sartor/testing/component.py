"""What every component must keep, whatever its kind: it is found, its settings are sound, importing it is cheap."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from sartor.components import Kind, Settings
from sartor.context import Context
from sartor.engine import Engine
from sartor.errors import PluginError
from sartor.plugins import KIND_NAMES, Plugins
from sartor.testing.budget import HEAVY, heavy_imports
from sartor.testing.comparing import difference, random_state, snapshot
from sartor.testing.making import make_context

UNKNOWN_SETTING = "no_such_setting"


class ComponentTests:
    """Base of the suites; subclass the one of your component's kind instead.

    Attributes
    ----------
    entry : str
        The component's id, such as ``hello.points``.
    settings : dict
        What would stand under ``with``; empty where every setting has a default.
    heavy : tuple of str
        Libraries that importing the component's module must not bring in.
    """

    entry: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    kind: ClassVar[Kind]
    heavy: ClassVar[tuple[str, ...]] = HEAVY

    # -- what an author may override ------------------------------------------------------------------------------

    def plugins(self) -> Plugins:
        """Return where the component is looked up; the installed plugins by default."""
        return Plugins()

    def prepare_folder(self, folder: Path) -> None:
        """Write the files that the settings name into the recipe's folder; none by default."""

    # -- what the checks use --------------------------------------------------------------------------------------

    def component_class(self) -> type[Settings]:
        """Import the class behind `entry`."""
        plugins = self.plugins()
        return plugins.class_of(plugins.find(self.entry))

    def component(self, **changes: Any) -> Any:
        """Make the component anew, with `settings` and what is changed in them."""
        return self.component_class().model_validate({**copy.deepcopy(dict(self.settings)), **changes})

    def context(self, folder: Path, seed: int = 0) -> Context:
        """Return new services; `folder` is the recipe's."""
        folder.mkdir(parents=True, exist_ok=True)
        self.prepare_folder(folder)
        engine = Engine()
        self._engines.append(engine)
        return make_context(folder, step=f"{self.kind}.tested", seed=seed, plugins=self.plugins(), engine=engine)

    def setup_method(self) -> None:
        """Begin without engines; pytest calls it before each test."""
        self._engines: list[Engine] = []

    def teardown_method(self) -> None:
        """Close the table engines of the test; pytest calls it after each test."""
        # The newest first: each puts the default connection back that was there before it.
        for engine in reversed(self._engines):
            engine.close()

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_the_entry_is_found_and_is_of_its_kind(self) -> None:
        """The id leads to a record of the plugin, and the record to a class of the kind."""
        plugins = self.plugins()
        name = self.entry.split(".", 1)[0]
        assert name in plugins.by_name, (
            f"no plugin is called '{name}': is the distribution installed, with the entry point "
            f'[project.entry-points."sartor.plugins"] {name} = "..."?'
        )
        offered = plugins.by_name[name].components
        assert self.entry in offered, (
            f"plugin '{name}' offers {', '.join(offered) or 'nothing'}, and not '{self.entry}'"
        )
        registered = plugins.find(self.entry)
        assert registered.kind == self.kind, (
            f"'{self.entry}' comes as {KIND_NAMES[registered.kind]}, and this suite tests {KIND_NAMES[self.kind]}"
        )
        about = registered.component.about
        one_line = bool(about.strip()) and "\n" not in about and not about.endswith(".")
        assert one_line, f"'{self.entry}' must say in one line what it is, without a full stop: about={about!r}"
        try:
            plugins.class_of(registered)
        except PluginError as error:
            raise AssertionError(str(error)) from error

    def test_settings_round_trip_through_their_schema(self) -> None:
        """Every setting is in the JSON Schema, and what is written down as JSON is read back alike."""
        cls, component = self.component_class(), self.component()
        schema = cls.model_json_schema(by_alias=True)
        self._in_json(schema, "the JSON Schema")
        assert schema.get("additionalProperties") is False, f"the JSON Schema of '{self.entry}' takes unknown settings"
        written = component.model_dump(mode="json", by_alias=True)
        described = schema.get("properties", {})
        absent = [name for name in written if name not in described]
        assert not absent, f"the JSON Schema of '{self.entry}' does not know {', '.join(absent)}"
        silent = [field.alias or name for name, field in cls.model_fields.items()]
        silent = [name for name in silent if name not in written]
        assert not silent, f"'{self.entry}' does not write the setting '{silent[0]}' down: the record would miss it"
        try:
            again = cls.model_validate(self._in_json(written, "the settings"))
        except ValidationError as error:
            raise AssertionError(f"the settings of '{self.entry}' do not read what they wrote: {error}") from error
        changed = difference(snapshot(component), again, "settings")
        assert changed is None, f"the settings of '{self.entry}' change when they are written and read: {changed}"

    def _in_json(self, thing: Any, what: str) -> Any:
        try:
            return json.loads(json.dumps(thing, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise AssertionError(f"{what} of '{self.entry}' cannot be written as JSON: {error}") from error

    def test_defaults_are_valid(self) -> None:
        """A default passes the checks that a written value must pass."""
        cls = self.component_class()
        for name, field in cls.model_fields.items():
            default = field.get_default(call_default_factory=True, validated_data={})
            if default is PydanticUndefined:
                continue
            wrong: list[str] = []
            try:
                cls.__pydantic_validator__.validate_assignment(self.component(), name, default)
            except ValidationError as error:
                # With another setting of yours a default may clash; here it is asked about by itself.
                wrong = [found["msg"] for found in error.errors() if found["loc"][:1] == (name,)]
            assert not wrong, f"the default of '{name}' is refused when it is written: {wrong[0]}"

    def test_the_settings_pass_their_own_check(self) -> None:
        """`check_settings`, which `check` asks without reading a row, finds nothing wrong with `settings`."""
        found = list(self.component().check_settings(self.plugins()))
        for path, problem in found:
            assert isinstance(path, tuple), f"check_settings must say the place as a tuple, and says {path!r}"
            raise AssertionError(f"the settings of '{self.entry}' are refused at {'.'.join(map(str, path))}: {problem}")

    def test_a_setting_that_does_not_exist_is_refused(self) -> None:
        """A misspelt setting must never be passed over."""
        try:
            self.component(**{UNKNOWN_SETTING: 1})
        except ValidationError as error:
            complaints = {(found["type"], found["loc"]) for found in error.errors()}
            said = str(error)
        else:
            complaints, said = set(), "nothing"
        assert ("extra_forbidden", (UNKNOWN_SETTING,)) in complaints, (
            f"'{self.entry}' must refuse a setting that does not exist: keep extra='forbid' of "
            f"sartor.components.Settings; to '{UNKNOWN_SETTING}' it says {said}"
        )

    def test_importing_the_component_loads_nothing_heavy(self) -> None:
        """``sartor check`` imports the module of the settings; the work is imported inside the verbs."""
        modules = [self.plugins().find(self.entry).component.target.partition(":")[0]]
        point = self.plugins().by_name[self.entry.split(".", 1)[0]].module_name
        found = heavy_imports([point, *modules], self.heavy)
        assert not found, (
            f"importing {point} and {modules[0]} loads {', '.join(found)}: import them inside the verbs, "
            "and under TYPE_CHECKING for annotations"
        )


class Watch:
    """Holds what a verb is handed against what it was before, and the global random generators too.

    Parameters
    ----------
    **things
        What the verb is handed, by the names that a message gives them.
    """

    def __init__(self, **things: Any) -> None:
        self._things = things
        self._before = {name: snapshot(thing) for name, thing in things.items()}
        # Moved along first: one who seeds as the last one did would leave it where it is.
        random.random()  # noqa: S311 - the global generator is what is watched
        np.random.random()  # noqa: NPY002 - and so is this one
        self._random = random_state()

    def assert_unchanged(self, verb: str) -> None:
        """Fail with the first thing that the verb has changed."""
        for name, thing in self._things.items():
            changed = difference(self._before[name], thing, name)
            assert changed is None, f"{verb} changes what it is handed: {changed}"
        assert random_state() == self._random, (
            f"{verb} uses or seeds the global random generator: take context.rng(), or give context.seed on"
        )
