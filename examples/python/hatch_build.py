"""Puts into the wheel what is not kept in version control: the contract's Python form, the component, the licence.

`VT_HUNTING_CONTRACT` names a file with the output of `cargo xtask wit`, and `VT_HUNTING_COMPONENT` the component. Without
them they are made here, with `cargo xtask wit` and `cargo xtask build`, which takes a checkout of the whole repository.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGE = HERE / "src" / "virustotal_hunting"


class Hook(BuildHookInterface):  # type: ignore[type-arg]  # Which configuration class it is for is hatchling's affair.
    """Called by hatchling before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Writes the two generated files into the package's folder."""
        sys.path.insert(0, str(HERE))
        try:
            import contract_generator
        finally:
            sys.path.remove(str(HERE))
        source = contract_generator.generate(contract())
        _write(PACKAGE / "_contract.py", source.encode())
        _write(PACKAGE / "virustotal_hunting.wasm", component().read_bytes())


class Licence(MetadataHookInterface):
    """Called by hatchling before it looks for licence files. The project's own stands at its root, and is not kept twice."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Copies it here, and names it."""
        if (ROOT / "LICENSE").is_file():
            _write(HERE / "LICENSE", (ROOT / "LICENSE").read_bytes())
        metadata["license-files"] = ["LICENSE"]


def contract() -> str:
    """The contract as JSON."""
    if path := os.environ.get("VT_HUNTING_CONTRACT"):
        return Path(path).read_text(encoding="utf-8")
    return _cargo("xtask", "wit")


def component() -> Path:
    """The component's file."""
    if path := os.environ.get("VT_HUNTING_COMPONENT"):
        return Path(path)
    # A line for each component: the path from the root, and the size in brackets.
    built = _cargo("xtask", "build").splitlines()
    paths = [line.rpartition(" (")[0] for line in built if "virustotal_hunting.wasm" in line]
    if len(paths) != 1:
        raise RuntimeError("`cargo xtask build` did not say where it put virustotal_hunting.wasm")
    return ROOT / paths[0]


def _cargo(*arguments: str) -> str:
    command = ["cargo", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    except FileNotFoundError:
        message = "there is no cargo; set VT_HUNTING_CONTRACT and VT_HUNTING_COMPONENT to what it would build"
        raise RuntimeError(message) from None
    return done.stdout


def _write(path: Path, data: bytes) -> None:
    # Only what is new: a type checker that watches the folder has nothing to do otherwise.
    if not path.is_file() or path.read_bytes() != data:
        path.write_bytes(data)
