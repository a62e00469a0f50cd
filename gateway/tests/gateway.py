"""What the test files of the gateway share: where everything is, and a request with its answer."""

import http.client
import json
import os
import urllib.parse

URL = os.environ["GATEWAY_URL"]
TOKEN = os.environ["GATEWAY_TEST_TOKEN"]
# The same file under other settings: without a token to ask for, with a key that VirusTotal refuses, open to this machine.
CLOSED_URL = os.environ["GATEWAY_CLOSED_URL"]
REFUSED_URL = os.environ["GATEWAY_REFUSED_URL"]
LOOPBACK_URL = os.environ["GATEWAY_LOOPBACK_URL"]
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


def act(action, arguments=None, **how):
    """Runs an action."""
    return ask("POST", "/v1/actions/" + action, json.dumps(arguments or {}), JSON, **how)


def simulator(method, path, body=None):
    """Moves the simulator along, or looks into it."""
    return ask(method, "/_simulator/" + path, body, token=None, url=SIMULATOR_URL).json
