"""What is in the wheel, and what is in the package that was installed from it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import zipfile
from pathlib import Path

import pytest

import virustotal_hunting as vh


@pytest.fixture
def wheel() -> zipfile.ZipFile:
    path = os.environ.get("VT_HUNTING_WHEEL")
    if not path:
        pytest.skip("VT_HUNTING_WHEEL names the wheel that was built; the step sets it")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_package_its_types_the_component_and_the_licence(wheel: zipfile.ZipFile) -> None:
    info = "virustotal_hunting-0.1.0.dist-info"
    names = set(wheel.namelist())
    modules = ("__init__", "_client", "_component", "_contract", "_errors", "_paging", "_settings", "_values")
    assert names == {f"virustotal_hunting/{module}.py" for module in modules} | {
        "virustotal_hunting/py.typed",
        "virustotal_hunting/virustotal_hunting.wasm",
        f"{info}/METADATA",
        f"{info}/RECORD",
        f"{info}/WHEEL",
        f"{info}/licenses/LICENSE",
    }
    assert wheel.testzip() is None


def test_the_component_in_the_wheel_is_the_one_that_was_built(wheel: zipfile.ZipFile) -> None:
    built = Path(os.environ["VT_HUNTING_COMPONENT"]).read_bytes()
    packed = wheel.read("virustotal_hunting/virustotal_hunting.wasm")
    assert hashlib.sha256(packed).digest() == hashlib.sha256(built).digest()
    assert packed.startswith(b"\0asm")


def test_nothing_in_the_wheel_tells_where_it_was_built(wheel: zipfile.ZipFile) -> None:
    here = str(Path(__file__).resolve().parents[3]).encode()
    assert [name for name in wheel.namelist() if here in wheel.read(name)] == []


def test_the_metadata_says_what_a_user_has_to_know() -> None:
    metadata = importlib.metadata.metadata("virustotal-hunting")
    assert metadata["License-Expression"] == "Apache-2.0" and metadata["Version"] == vh.__version__
    assert importlib.metadata.requires("virustotal-hunting") == ["wasmtime<51,>=50.0.1"]


def test_the_contracts_version_is_the_packages() -> None:
    assert vh.CONTRACT == f"virustotal:hunting@{vh.__version__}"
