"""wassette as a client sees it: a process that speaks MCP, one JSON message a line, on its standard input and output."""

import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading

# The command that starts wassette, as JSON: with its own loader where the system's C library is too old.
COMMAND = json.loads(os.environ["WASSETTE_COMMAND"])
COMPONENT = pathlib.Path(os.environ["TOOLS_COMPONENT"])
ID = COMPONENT.stem
# What the server says once it has its components and their policies: until then it knows no tool, or refuses its requests.
READY = "Background component loading completed"
# Compiling the component, on a machine that does other things as well.
SECONDS = 600


class Home:
    """A folder for everything that wassette keeps, so that nothing of the user's is read or written."""

    def __init__(self, policy):
        self._folder = tempfile.TemporaryDirectory(prefix="wassette-")
        self.path = pathlib.Path(self._folder.name)
        self.components = self.path / "components"
        self.components.mkdir()
        self.policy = self.components / f"{ID}.policy.yaml"
        if policy is not None:
            shutil.copy(policy, self.policy)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def environment(self, **more):
        own = {name: str(self.path / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        return {"PATH": os.environ["PATH"], "HOME": str(self.path), **own, **more}

    def run(self, *arguments, **environment):
        """A command that ends; its two outputs together."""
        command = [*COMMAND, *arguments, "--component-dir", str(self.components)]
        done = subprocess.run(
            command, env=self.environment(**environment), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if done.returncode != 0:
            raise AssertionError(f"`wassette {' '.join(arguments)}` failed: {done.stderr}")
        return done.stdout + done.stderr

    def load(self):
        return json.loads(self.run("component", "load", COMPONENT.as_uri()))


class Session:
    """A running server, initialised. Everything it ever says is in `said`."""

    def __init__(self, home, *arguments, **environment):
        command = [*COMMAND, "run", "--component-dir", str(home.components), *arguments]
        self.said = []
        self._number = 0
        self._lines = queue.Queue()
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            command,
            env=home.environment(**environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self._lines), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, None), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self):
        try:
            client = {"name": "virustotal-hunting-tests", "version": "1"}
            self.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
            self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
            if not self._ready.wait(SECONDS):
                raise AssertionError(f"wassette loaded nothing; what it said:\n{''.join(self.said)}")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _end(self):
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            pipe.close()

    def _read(self, pipe, lines):
        for line in pipe:
            self.said.append(line)
            if READY in line:
                self._ready.set()
            if lines is not None:
                lines.put(line)
        if lines is not None:
            lines.put(None)

    def _send(self, message):
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def ask(self, method, **parameters):
        """One request; its result."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": parameters})
        while True:
            line = self._lines.get(timeout=SECONDS)
            if line is None:
                raise AssertionError(f"wassette ended; what it said:\n{''.join(self.said)}")
            message = json.loads(line)
            if message.get("id") == self._number:
                if "error" in message:
                    raise AssertionError(f"{method} failed: {message['error']}")
                return message["result"]

    def tools(self):
        return {tool["name"]: tool for tool in self.ask("tools/list")["tools"]}

    def call(self, tool, /, **arguments):
        """What a model is given: the text, and the same as a value where it is one."""
        arguments = {name.replace("_", "-"): value for name, value in arguments.items()}
        answer = self.ask("tools/call", name=tool, arguments=arguments)
        [content] = answer["content"]
        return Answer(content["text"], answer.get("structuredContent"), answer["isError"])


class Answer:
    def __init__(self, text, structured, refused):
        self.text = text
        self.refused = refused
        result = (structured or {}).get("result", {})
        self.ok = result.get("ok")
        self.error = result.get("err")
