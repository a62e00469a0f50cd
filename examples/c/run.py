"""Builds rulesets.c against the library of the Python package `wasmtime`, and holds it to what the simulator has.

    python run.py --headers FOLDER --component FILE --build FOLDER

`--headers` is the `include` folder of the crate `wasmtime-c-api-impl`, of the very version of the Python package that this
interpreter has. `VT_URL` and `VT_APIKEY` name a simulator. `cargo xtask test --only c` has all of that.

Ends with 0 and a last line that sums up; with 3, and the reason, where this machine has no C compiler.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import json
import os
import shlex
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
NO_COMPILER = 3
TIMEOUT = 600

# What the library was built with shows in what it exports: a function that only a build with the feature has.
WITNESSES = {
    "WASMTIME_FEATURE_PROFILING": "wasmtime_guestprofiler_new",
    "WASMTIME_FEATURE_WAT": "wasmtime_wat2wasm",
    "WASMTIME_FEATURE_CACHE": "wasmtime_config_cache_config_load",
    "WASMTIME_FEATURE_PARALLEL_COMPILATION": "wasmtime_config_parallel_compilation_set",
    "WASMTIME_FEATURE_WASI": "wasi_config_new",
    "WASMTIME_FEATURE_WASI_HTTP": "wasmtime_component_linker_add_wasi_http",
    "WASMTIME_FEATURE_COREDUMP": "wasmtime_config_coredump_on_trap_set",
    "WASMTIME_FEATURE_THREADS": "wasmtime_sharedmemory_new",
    "WASMTIME_FEATURE_GC": "wasmtime_anyref_clone",
    "WASMTIME_FEATURE_ASYNC": "wasmtime_config_async_stack_size_set",
    "WASMTIME_FEATURE_CRANELIFT": "wasmtime_module_new",
    "WASMTIME_FEATURE_POOLING_ALLOCATOR": "wasmtime_pooling_allocation_config_new",
    "WASMTIME_FEATURE_COMPONENT_MODEL": "wasmtime_component_new",
    "WASMTIME_FEATURE_COMPONENT_MODEL_ASYNC": "wasmtime_component_linker_instantiate_async",
}
NEEDED = ("WASI", "WASI_HTTP", "CRANELIFT", "COMPONENT_MODEL")

STRICT = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]


class Failure(Exception):
    """Something that should hold does not."""


def library() -> Path:
    """The library in the package `wasmtime`. Looked for, not imported: the package is Python's affair."""
    package = importlib.metadata.distribution("wasmtime")
    names = ("_libwasmtime.so", "_libwasmtime.dylib")
    found = [Path(str(file.locate())) for file in package.files or () if file.name in names]
    if len(found) != 1:
        raise Failure(f"the package wasmtime has {len(found)} libraries for this platform, and one is wanted")
    return found[0]


def configure(headers: Path, path: Path, target: Path) -> None:
    """Writes what CMake would: conf.h, with the features that the library has."""
    exports = ctypes.CDLL(str(path))
    has = {feature for feature, witness in WITNESSES.items() if hasattr(exports, witness)}
    missing = [feature for feature in NEEDED if f"WASMTIME_FEATURE_{feature}" not in has]
    if missing:
        raise Failure(f"{path.name} was built without {', '.join(missing)}")
    lines = []
    for line in (headers / "wasmtime" / "conf.h.in").read_text(encoding="utf-8").splitlines():
        if line.startswith("#cmakedefine "):
            feature = line.split()[1]
            line = f"#define {feature}" if feature in has else f"/* #undef {feature} */"
        lines.append(line)
    folder = target / "wasmtime"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "conf.h").write_text("\n".join(lines) + "\n", encoding="utf-8")


def build(compiler: list[str], headers: Path, path: Path, folder: Path, name: str, flags: list[str]) -> Path:
    """Compiles and links one program. Warnings are errors, but for those of the headers."""
    program = folder / name
    command = [*compiler, *STRICT, *flags, "-isystem", str(folder / "include"), "-isystem", str(headers)]
    command += [str(HERE / "rulesets.c"), "-o", str(program)]
    # By its file name: it is not called lib….so.
    command += [str(path)] if sys.platform == "darwin" else [f"-L{path.parent}", f"-l:{path.name}"]
    command += [f"-Wl,-rpath,{path.parent}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode != 0:
        raise Failure(f"`{shlex.join(command)}` failed:\n{done.stderr}")
    return program


def sanitizers_work(compiler: list[str], folder: Path) -> bool:
    """Whether the compiler's runtime for them is there, and runs here."""
    source, program = folder / "probe.c", folder / "probe"
    source.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    command = [*compiler, *SANITIZERS, str(source), "-o", str(program)]
    if subprocess.run(command, capture_output=True, timeout=TIMEOUT).returncode != 0:
        return False
    return subprocess.run([str(program)], capture_output=True, timeout=TIMEOUT).returncode == 0


class Simulator:
    """The simulator, asked directly: the judge of what the program prints."""

    def __init__(self) -> None:
        self.url, self.key = os.environ["VT_URL"], os.environ["VT_APIKEY"]
        # A proxy from the environment must not see requests to this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        headers = {"x-apikey": self.key, "content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v3/{path}", data=data, headers=headers, method=method)
        with self._opener.open(request, timeout=TIMEOUT) as response:
            return json.load(response)["data"]


def run(program: Path, arguments: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the program with these settings and none from outside."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VT_")} | settings
    environment["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0"
    return subprocess.run(
        [str(program), *arguments], env=environment, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT
    )


def expect(what: str, done: subprocess.CompletedProcess[str], code: int, out: str, *said: str) -> None:
    """The program ended as it should: code, all of its output, and words of what it said."""
    good = done.returncode == code and done.stdout == out and all(word in done.stderr for word in said)
    if not said:
        good = good and done.stderr == ""
    if not good:
        raise Failure(
            f"{what}: exit code {done.returncode}, expected {code}\n--- output\n{done.stdout}--- expected\n{out}"
            f"--- errors\n{done.stderr}--- expected in it\n{said}"
        )
    print(f"ok  {what}")


def check(program: Path, component: str, simulator: Simulator) -> int:
    """All cases with one build; how many."""
    settings = {"VT_URL": simulator.url, "VT_APIKEY": simulator.key, "VT_RETRIES": "0"}
    listed = simulator.ask("GET", "intelligence/hunting_rulesets?limit=40")
    assert isinstance(listed, list)
    lines = "".join(f"{one['id']}\t{one['attributes']['name']}\n" for one in listed)
    first = lines.splitlines(keepends=True)[0]
    wrong_key = {**settings, "VT_APIKEY": "0" * 64}
    no_key = {name: value for name, value in settings.items() if name != "VT_APIKEY"}
    here = str(Path(__file__))
    cases = [
        (f"lists the {len(listed)} rulesets that there are", [component], settings, 0, lines, ()),
        ("lists as many as it is told", [component, "1"], settings, 0, first, ()),
        ("says that a key is not accepted", [component], wrong_key, 1, "", ("authentication ", " (401): ")),
        ("says that there is no key", [component], no_key, 1, "", ("configuration MissingApiKey: ", "VT_APIKEY")),
        ("says that a limit is none", [component, "0"], settings, 1, "", ("invalid-argument InvalidArgument: ",)),
        ("refuses a limit that is no number", [component, "-1"], settings, 2, "", ("LIMIT takes 0 to ",)),
        ("refuses a file that is no component", [here], settings, 2, "", ("cannot compile the component: ",)),
        ("says that a file is not there", [here + ".missing"], settings, 2, "", ("cannot open ",)),
        ("says how it is called", [], settings, 2, "", ("usage: ",)),
    ]
    for what, arguments, given, code, out, said in cases:
        done = run(program, arguments, **given)
        if simulator.key in done.stdout + done.stderr:
            raise Failure(f"{what}: the key is in what it printed")
        expect(what, done, code, out, *said)
    return len(cases)


def main() -> int:
    parser = argparse.ArgumentParser(description="Builds rulesets.c and holds it to what the simulator has.")
    parser.add_argument("--headers", type=Path, required=True)
    parser.add_argument("--component", required=True)
    parser.add_argument("--build", type=Path, required=True)
    options = parser.parse_args()

    compiler = shlex.split(os.environ.get("CC", "")) or [name for name in ("cc", "gcc", "clang") if shutil.which(name)][:1]
    if not compiler:
        print("there is no C compiler; on Debian and Ubuntu it is the package `gcc`")
        return NO_COMPILER
    path, folder = library(), options.build
    folder.mkdir(parents=True, exist_ok=True)
    configure(options.headers, path, folder / "include")

    simulator = Simulator()
    for name in ("from C", "with a ü and a 🦀"):
        rules = "rule from_c { condition: filesize > 1 }"
        attributes = {"name": name, "rules": rules}
        simulator.ask("POST", "intelligence/hunting_rulesets", {"data": {"type": "hunting_ruleset", "attributes": attributes}})

    count = check(build(compiler, options.headers, path, folder, "rulesets", []), options.component, simulator)
    ending = "no sanitizers here"
    if sanitizers_work(compiler, folder):
        print("once more, with the address and undefined behaviour sanitizers")
        checked = build(compiler, options.headers, path, folder, "rulesets-sanitized", SANITIZERS)
        check(checked, options.component, simulator)
        ending = "twice, the second time with sanitizers"
    print(f"wasmtime {importlib.metadata.version('wasmtime')}, {count} cases, {ending}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
