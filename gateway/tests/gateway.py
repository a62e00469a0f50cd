"""What the test files of the gateway share: where everything is, and a request with its answer."""

import http.client
import json
import os
import socket
import struct
import urllib.parse

URL = os.environ["GATEWAY_URL"]
TOKEN = os.environ["GATEWAY_TEST_TOKEN"]
# The same file under other settings: without a token to ask for, with a key that VirusTotal refuses, open to this machine.
CLOSED_URL = os.environ["GATEWAY_CLOSED_URL"]
REFUSED_URL = os.environ["GATEWAY_REFUSED_URL"]
LOOPBACK_URL = os.environ["GATEWAY_LOOPBACK_URL"]
# The same file in an engine that keeps an instance for the next request.
KEPT_URL = os.environ["GATEWAY_KEPT_URL"]
SIMULATOR_URL = os.environ["VT_URL"]
KEY = os.environ["VT_APIKEY"]
# The one origin that GATEWAY_CORS_ORIGINS names.
ORIGIN = "https://hunt.example"
JSON = {"content-type": "application/json"}


class Answer:
    """A status, headers with names in lower case, and a body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()
        self.json = json.loads(self.body) if "json" in self.headers.get("content-type", "") and self.body else None


def ask(method, path, body=None, headers=None, token=TOKEN, url=URL):
    """One request on a connection of its own."""
    host = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(host.hostname, host.port, timeout=600)
    headers = dict(headers or {})
    if token is not None:
        headers["authorization"] = "Bearer " + token
    try:
        connection.request(method, path, body=body, headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def head(method, path, headers, token=TOKEN, url=URL, body=b""):
    """The answer to a head, and to as much of the body as is given: the rest of it never comes."""
    host = urllib.parse.urlsplit(url)
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if token is not None:
        lines.append("authorization: Bearer " + token)
    with socket.create_connection((host.hostname, host.port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response)


def leave(action, arguments, url=URL):
    """Runs an action and is gone after the first bytes of its answer."""
    host, body = urllib.parse.urlsplit(url), json.dumps(arguments)
    lines = [f"POST /v1/actions/{action} HTTP/1.1", f"host: {host.netloc}", "authorization: Bearer " + TOKEN]
    lines += ["content-type: application/json", f"content-length: {len(body)}", "", body]
    with socket.socket() as connection:
        # As little room as the system allows, and a reset at the end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.settimeout(60)
        connection.connect((host.hostname, host.port))
        connection.sendall("\r\n".join(lines).encode())
        connection.recv(100)


def act(action, arguments=None, **how):
    """Runs an action."""
    return ask("POST", "/v1/actions/" + action, json.dumps(arguments or {}), JSON, **how)


def simulator(method, path, body=None):
    """Moves the simulator along, or looks into it."""
    return ask(method, "/_simulator/" + path, body, token=None, url=SIMULATOR_URL).json
