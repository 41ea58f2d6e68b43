"""The reports of a run: options that ask for them, their verdicts, their schema."""
import json
import os
import pathlib
from collections.abc import Iterable
from typing import Any

from lib import ROOT

KINDS = ("json", "junit", "sarif", "html", "markdown")


def report_options(
    folder: pathlib.Path, kinds: Iterable[str] = KINDS, name: str = "r"
) -> tuple[list[str], dict[str, pathlib.Path]]:
    """The options that write reports to NAME.KIND in a folder, and the paths by kind."""
    paths = {kind: folder / f"{name}.{kind}" for kind in kinds}
    return [word for kind in paths for word in ("--report-" + kind, str(paths[kind]))], paths


def read(path: str | os.PathLike[str]) -> Any:
    """A JSON file."""
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def verdicts(report: Any) -> dict[str, str]:
    """The verdict of each case."""
    return {case["id"]: case["verdict"] for case in report["cases"]}


def named(report: Any, *wanted: str) -> list[str]:
    """The cases with one of these verdicts, sorted."""
    return sorted(name for name, verdict in verdicts(report).items() if verdict in wanted)


def validate(report: Any) -> None:
    """Raises jsonschema.ValidationError where a report does not have its schema."""
    import jsonschema  # what reads reports alone does without

    jsonschema.validate(report, read(ROOT / "conformance/report.schema.json"))
