"""The job classes of JOB_CLASS_PACKAGES: finding, listing, checking and resolving them."""

from __future__ import annotations

import difflib
import importlib
import inspect
import json
import logging
import pkgutil
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ndscheduler.corescheduler.errors import UnknownJobClass
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.secret_arguments import ALL_MARKS, NO_MARKS, SecretMarks, marks_of

logger = logging.getLogger(__name__)

_MAX_SHOWN_NAME = 200
_META_KEYS = ("job_class_string", "notes", "arguments", "example_arguments")


@dataclass(frozen=True, slots=True)
class JobClassInfo:
    """One job class, or one module that can not be imported: then `error` is a sentence.

    `example_arguments` is JSON text; `extra` holds the further keys of the class's meta_info().
    """

    job_class_string: str
    notes: str = ""
    arguments: list[dict[str, Any]] = field(default_factory=list)
    example_arguments: str = ""
    error: str | None = None
    package: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    secret: SecretMarks = NO_MARKS

    def as_meta_info(self) -> dict[str, Any]:
        """The dict that `JobBase.meta_info()` of old gives."""
        return {
            **self.extra,
            "job_class_string": self.job_class_string,
            "notes": self.notes,
            "arguments": self.arguments,
            "example_arguments": self.example_arguments,
        }


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What one walk through the packages found. `broken` maps a module to why it fails."""

    infos: tuple[JobClassInfo, ...]
    classes: dict[str, type[JobBase]]
    broken: dict[str, str]


class Registry:
    """The job classes that users may schedule. Safe to use from several threads."""

    def __init__(self, packages: Sequence[str]) -> None:
        """`packages`: dotted names of packages, searched with all below them, or of modules."""
        self._packages = tuple(dict.fromkeys(packages))
        self._lock = threading.RLock()
        self._catalogue: _Catalogue | None = None
        self._marks: dict[Any, SecretMarks] = {}

    def job_classes(self) -> list[JobClassInfo]:
        """Every job class found, sorted by name, broken modules among them.

        The first call imports the packages; later ones answer from memory until `reload()`.
        """
        return list(self._found().infos)

    def reload(self) -> None:
        """Forget what was found: the next call looks again for new and for mended modules.

        A module that was imported already is not run again.
        """
        with self._lock:
            self._catalogue = None
            self._marks = {}
            importlib.invalidate_caches()

    def allows(self, job_class_string: str) -> None:
        """Return if REST may schedule this class; else raise UnknownJobClass.

        It may when the class is in JOB_CLASS_PACKAGES; where that is empty, when a subclass of
        JobBase of this name is loaded. Nothing is imported because of the name.
        """
        known = self._found().classes if self._packages else _loaded_classes()
        alias = _loaded_alias(job_class_string)
        if job_class_string in known or any(alias is job_class for job_class in known.values()):
            return
        raise UnknownJobClass(job_class_string, self._why_unknown(job_class_string, known))

    def find_problem(self, job_class_string: str) -> str | None:
        """Why a job of this class can not run, as far as that is known without importing anything.

        None when nothing speaks against it, as for a class outside JOB_CLASS_PACKAGES.
        """
        module_name = job_class_string.rpartition(".")[0]
        ours = any(f"{module_name}.".startswith(f"{package}.") for package in self._packages)
        if not ours:
            return None
        try:
            self.allows(job_class_string)
        except UnknownJobClass as error:
            return error.reason
        return None

    def marks_of(self, job_class_string: str) -> SecretMarks:
        """Which arguments of this class are secret: all, where it is not known or broken."""
        found = self._found().classes.get(job_class_string) or _loaded_alias(job_class_string)
        if not _is_job_class(found):
            return ALL_MARKS
        if found not in self._marks:
            info = describe_class(found, "")
            self._marks[found] = ALL_MARKS if info.error else info.secret
        return self._marks[found]

    def resolve(self, job_class_string: str) -> type[JobBase]:
        """The class at this dotted path, imported if need be; any class with `run_job` will do.

        Raises UnknownJobClass; what the import raised is its `__cause__`.
        """
        module_name, _, attribute = job_class_string.rpartition(".")
        if not module_name or not attribute:
            reason = f"{_shown(job_class_string)} is not a dotted path to a class"
            raise UnknownJobClass(job_class_string, reason)
        module = _imported_for(job_class_string, module_name)
        job_class: Any = getattr(module, attribute, None)
        if not isinstance(job_class, type) or not callable(getattr(job_class, "run_job", None)):
            what = "has no class" if job_class is None else "has, but not as a job class,"
            raise UnknownJobClass(job_class_string, f"the module {module_name} {what} {attribute}")
        return job_class

    def _found(self) -> _Catalogue:
        with self._lock:
            if self._catalogue is None:
                self._catalogue = _discover(self._packages)
            return self._catalogue

    def _why_unknown(self, name: str, known: dict[str, type[JobBase]]) -> str:
        broken = self._found().broken.get(name.rpartition(".")[0])
        if broken is not None:
            return f"{_shown(name)} can not be used: {broken}"
        where = "of JOB_CLASS_PACKAGES" if self._packages else "that is loaded"
        near = difflib.get_close_matches(name[:_MAX_SHOWN_NAME], known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{_shown(name)} is not a job class {where}{hint}"


def describe_class(job_class: type[JobBase], package: str) -> JobClassInfo:
    """What `meta_info()` says, put in order; a meta_info() that fails becomes the `error`."""
    name = _path_of(job_class)
    try:
        return _info_from(job_class, package, job_class.meta_info())
    except (Exception, SystemExit) as error:
        reason = f"meta_info() of {name} fails: {_cause(error)}"
        logger.warning("%s", reason, exc_info=True)
        return JobClassInfo(name, error=reason, package=package)


def _discover(packages: Sequence[str]) -> _Catalogue:
    """Walk the packages in order; a class that two of them hold belongs to the first."""
    infos: dict[str, JobClassInfo] = {}
    classes: dict[str, type[JobBase]] = {}
    broken: dict[str, str] = {}
    for package in packages:
        for name, module in _walk(package):
            if isinstance(module, str):
                broken[name] = module
                infos.setdefault(name, JobClassInfo(name, error=module, package=package))
                continue
            for job_class in _job_classes_of(module):
                if _path_of(job_class) not in classes:
                    classes[_path_of(job_class)] = job_class
                    infos[_path_of(job_class)] = describe_class(job_class, package)
    ordered = sorted(infos.values(), key=lambda info: info.job_class_string)
    return _Catalogue(tuple(ordered), classes, broken)


def _walk(name: str) -> Iterator[tuple[str, ModuleType | str]]:
    """(name, module) of `name` and of all below it; in place of a broken module its error."""
    module = _imported_or_error(name)
    yield name, module
    if isinstance(module, str):
        return
    # vars(): a module's own __getattr__ may give anything for this name.
    for found in pkgutil.iter_modules(vars(module).get("__path__", ()), f"{name}."):
        # A __main__ module is a program: importing it would run it.
        if not found.name.endswith(".__main__"):
            yield from _walk(found.name)


def _imported_or_error(name: str) -> ModuleType | str:
    """The module, or a sentence that says why it can not be imported."""
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        reason = f"the module {name} does not import: {_cause(error)}"
        logger.warning("Job classes: %s", reason, exc_info=True)
        return reason


def _imported_for(job_class_string: str, module_name: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        reason = f"{_shown(job_class_string)} does not import: {_cause(error)}"
        raise UnknownJobClass(job_class_string, reason) from error


def _job_classes_of(module: ModuleType) -> list[type[JobBase]]:
    """The job classes that are defined in `module`, not those it imported from elsewhere."""
    members = [member for member in vars(module).values() if _is_job_class(member)]
    return [member for member in members if member.__module__ == module.__name__]


def _is_job_class(candidate: Any) -> bool:
    """True for a JobBase subclass that says what to run; a base without that is no job class."""
    if not isinstance(candidate, type) or not issubclass(candidate, JobBase):
        return False
    if inspect.isabstract(candidate):
        return False
    own_run_job = getattr(candidate.run_job, "__func__", candidate.run_job)
    overrides_run_job = own_run_job is not JobBase.run_job.__func__  # type: ignore[attr-defined]
    return candidate.run is not JobBase.run or overrides_run_job


def _loaded_classes() -> dict[str, type[JobBase]]:
    """Every job class that this process has loaded, by its dotted path."""
    found: dict[str, type[JobBase]] = {}
    todo = [JobBase]
    while todo:
        job_class = todo.pop()
        todo.extend(job_class.__subclasses__())
        if _is_job_class(job_class):
            found[_path_of(job_class)] = job_class
    return found


def _loaded_alias(job_class_string: str) -> Any:
    """What a loaded module holds under this path, such as a class that a package re-exports.

    vars() instead of getattr(): a module's __getattr__ could import something.
    """
    module_name, _, attribute = job_class_string.rpartition(".")
    module = sys.modules.get(module_name)
    return None if module is None else vars(module).get(attribute)


def _info_from(job_class: type[JobBase], package: str, meta: Any) -> JobClassInfo:
    """Raises TypeError or ValueError for what is no meta_info."""
    if not isinstance(meta, dict):
        raise TypeError(f"it returned a {type(meta).__name__}, not a dict")
    arguments = meta.get("arguments") or []
    if not isinstance(arguments, (list, tuple)) or not all(isinstance(a, dict) for a in arguments):
        raise TypeError("its arguments are not a list of dicts")
    examples = meta.get("example_arguments")
    examples = "" if examples is None else examples
    return JobClassInfo(
        job_class_string=_path_of(job_class),
        notes=str(meta.get("notes") or ""),
        arguments=_plain(arguments),
        example_arguments=examples if isinstance(examples, str) else json.dumps(_plain(examples)),
        package=package,
        extra=_plain({key: value for key, value in meta.items() if key not in _META_KEYS}),
        secret=marks_of(arguments, meta.get("secret_kwargs"), job_class),
    )


def _plain(value: Any) -> Any:
    """`value` as JSON can hold it; an object that it can not hold becomes its str()."""
    return json.loads(json.dumps(value, default=str, allow_nan=False))


def _path_of(job_class: type) -> str:
    return f"{job_class.__module__}.{job_class.__name__}"


def _cause(error: BaseException) -> str:
    """One line that names the exception, such as "ImportError: No module named 'x'"."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _shown(name: str) -> str:
    return repr(name if len(name) <= _MAX_SHOWN_NAME else f"{name[:_MAX_SHOWN_NAME]}...")
