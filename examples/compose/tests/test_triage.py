"""The composed guests under the stock `wasmtime`: what they sum up is what the simulator holds, in both languages.

The summary is worked out a second time here, from VirusTotal's JSON. Needs VT_URL and VT_APIKEY of a `vt-simulator`,
WASMTIME, TRIAGE_RUST and TRIAGE_PYTHON; `cargo xtask test --only compose` sets them.
"""

import collections
import json
import os
import socket
import subprocess
import unittest
import urllib.parse
import urllib.request

import wave_text

URL, KEY = os.environ["VT_URL"], os.environ["VT_APIKEY"]
GUESTS = {"Rust": os.environ["TRIAGE_RUST"], "Python": os.environ["TRIAGE_PYTHON"]}
# Seconds for one run, compiling 18 MB of Python included.
PATIENCE = 600

LOADERS = """rule Simulated_Loader : loader { strings: $marker = "SIMULATED-LOADER" condition: $marker }
rule Remote_Thread { strings: $call = "CreateRemoteThread" condition: $call }"""
PHISHING = 'rule Phishing_Page { strings: $marker = "SIM-PHISH" condition: $marker }'


def ask(path, method="GET", body=None):
    """One request to the simulator, past the guests."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-apikey": KEY, "content-type": "application/json"}
    request = urllib.request.Request(URL + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def everything(path, **query):
    """A list, page by page."""
    objects, cursor = [], None
    while True:
        page = query | {"limit": 40} | ({"cursor": cursor} if cursor else {})
        answer = ask(f"/api/v3/{path}?{urllib.parse.urlencode(page)}")
        objects += answer["data"]
        cursor = answer.get("meta", {}).get("cursor")
        if not cursor:
            return objects


def expected(since, newest):
    """The summary of what the simulator holds."""
    query = {"filter": f"date:{since}+"} if since else {}
    stream = everything("ioc_stream", descriptors_only="true", order="date-", **query)
    notifications = everything("intelligence/hunting_notifications", order="date-", **query)
    matches = []  # rule, list, file, date
    sources = collections.Counter()
    labels = {}
    arrivals = []
    for thing in stream:
        context = thing["context_attributes"]
        hunting = context.get("hunting_info")
        file = thing["id"] if thing["type"] == "file" else None
        if hunting is not None:
            matches.append((hunting.get("rule_name") or "", "stream", file, int(context["notification_date"])))
        for source in context["sources"]:
            sources[source["type"], source["id"]] += 1
            labels.setdefault((source["type"], source["id"]), source.get("label"))
        rule = hunting and hunting.get("rule_name")
        # VirusTotal gives some dates as text.
        date = int(context["notification_date"])
        arrivals.append({"id": thing["id"], "object-type": thing["type"], "rule": rule, "date": date})
    for notification in notifications:
        attributes = notification["attributes"]
        file = next(tag for tag in attributes["tags"] if len(tag) == 64 and set(tag) <= set("0123456789abcdef"))
        matches.append((attributes.get("rule_name") or "", "notification", file, int(attributes["date"])))

    rules = []
    for name in {match[0] for match in matches}:
        own = [match for match in matches if match[0] == name]
        dates = [match[3] for match in own]
        rules.append(
            {
                "rule": name,
                "notifications": sum(match[1] == "notification" for match in own),
                "stream-objects": sum(match[1] == "stream" for match in own),
                "files": len({match[2] for match in own if match[2]}),
                "first": min(dates),
                "last": max(dates),
            }
        )
    rules.sort(key=lambda rule: (-rule["notifications"] - rule["stream-objects"], rule["rule"]))
    by_source = [
        {"source-type": kind, "id": name, "label": labels[kind, name], "stream-objects": count}
        for (kind, name), count in sources.items()
    ]
    by_source.sort(key=lambda source: (-source["stream-objects"], source["source-type"], source["id"]))
    files = {thing["id"] for thing in stream if thing["type"] == "file"}
    files |= {match[2] for match in matches if match[2]}
    return printed_fields({
        "stream-objects": len(stream),
        "notifications": len(notifications),
        "files": len(files),
        "rules": rules,
        "sources": by_source,
        "newest": arrivals[:newest],
        "incomplete": None,
    })


def printed_fields(value):
    """Without what is absent: `wasmtime` leaves a field that is `none` out."""
    if isinstance(value, dict):
        return {name: printed_fields(part) for name, part in value.items() if part is not None}
    return [printed_fields(part) for part in value] if isinstance(value, list) else value


def run(guest, call, *options, key=KEY, url=URL):
    """Runs one composed file; gives the process as it ended. The key goes by the environment, as it should."""
    environment = os.environ | {"VT_APIKEY": key, "VT_URL": url}
    options = options or ("-Shttp",)
    command = [os.environ["WASMTIME"], "run", *options, "--env", "VT_APIKEY", "--env", "VT_URL", "--env", "VT_RETRIES=0"]
    command += ["--invoke", call, GUESTS[guest]]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)


def answer(guest, call, **settings):
    """What a call came to: the printed result, read."""
    ended = run(guest, call, **settings)
    assert ended.returncode == 0, f"{guest}: {ended.stderr}"
    return wave_text.read(ended.stdout)


class Triage(unittest.TestCase):
    """Both guests, each as one file."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        for name, rules in [("loaders", LOADERS), ("phishing", PHISHING)]:
            attributes = {"name": name, "rules": rules, "enabled": True, "limit": 1000}
            body = {"data": {"type": "hunting_ruleset", "attributes": attributes}}
            ask("/api/v3/intelligence/hunting_rulesets", "POST", body)
        cls.middle = None
        for samples in (60, 120):
            made = ask(f"/_simulator/feed/advance?samples={samples}", "POST")
            assert made["notifications"] > 0, made
            cls.middle = cls.middle or ask("/_simulator/clock/advance?seconds=3600", "POST")["now"]
        # Far more than a page, and than a call of the guests.
        ask("/_simulator/ioc_stream/add?count=900", "POST")
        ask("/_simulator/hunting_notifications/add?count=450", "POST")

    def setUp(self):
        ask("/_simulator/faults", "DELETE")

    def test_both_guests_sum_up_what_the_simulator_holds(self):
        due = expected(None, 10)
        self.assertGreater(due["stream-objects"], 900)
        self.assertGreaterEqual(len(due["rules"]), 3)
        for guest in GUESTS:
            with self.subTest(guest):
                outcome, summary = answer(guest, "triage(none, none)")
                self.assertEqual((outcome, summary), ("ok", due))

    def test_since_and_newest_are_heeded(self):
        due = expected(self.middle, 3)
        self.assertLess(due["stream-objects"], expected(None, 3)["stream-objects"])
        for guest in GUESTS:
            with self.subTest(guest):
                outcome, summary = answer(guest, f"triage(some({self.middle}), some(3))")
                self.assertEqual((outcome, summary), ("ok", due))

    def test_the_two_languages_print_the_identical_summary(self):
        printed = {run(guest, "triage(none, some(50))").stdout for guest in GUESTS}
        self.assertEqual(len(printed), 1)
        self.assertTrue(printed.pop().startswith("ok("))

    def test_a_later_page_that_fails_leaves_what_was_read_and_says_why(self):
        for guest in GUESTS:
            with self.subTest(guest):
                ask("/_simulator/faults", "DELETE")
                fault = {"path": "/api/v3/ioc_stream", "query": "cursor=", "after": 6, "action": {"status": {"code": 503}}}
                ask("/_simulator/faults", "POST", [fault])
                outcome, summary = answer(guest, "triage(none, none)")
                self.assertEqual((outcome, summary["stream-objects"]), ("ok", 280))
                self.assertEqual((summary["incomplete"]["status"], summary["incomplete"]["retryable"]), (503, True))
                self.assertGreater(summary["notifications"], 450)

    def test_a_failure_is_the_connectors_own_error(self):
        for guest in GUESTS:
            with self.subTest(guest):
                outcome, error = answer(guest, "triage(none, none)", key="0" * 64)
                self.assertEqual((outcome, error["code"], error["status"]), ("err", "WrongCredentialsError", 401))

    def test_a_host_that_cannot_be_reached_is_an_error_and_no_trap(self):
        with socket.socket() as taken:
            # Bound and not listening: connections to it are refused.
            taken.bind(("127.0.0.1", 0))
            closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
            for guest in GUESTS:
                with self.subTest(guest):
                    outcome, error = answer(guest, "triage(none, none)", url=closed)
                    self.assertEqual((outcome, error["code"]), ("err", "ConnectionRefused"))
                    self.assertIn("127.0.0.1", error["message"])

    def test_a_missing_key_is_an_error_and_no_trap(self):
        for guest in GUESTS:
            with self.subTest(guest):
                outcome, error = answer(guest, "triage(none, none)", key="")
                self.assertEqual((outcome, error["code"], error["retryable"]), ("err", "MissingApiKey", False))

    def test_without_the_permission_to_use_http_nothing_runs(self):
        for guest in GUESTS:
            with self.subTest(guest):
                ask("/_simulator/requests", "DELETE")
                ended = run(guest, "triage(none, none)", "-Scli")
                self.assertNotEqual(ended.returncode, 0)
                self.assertEqual(ended.stdout, "")
                self.assertIn("wasi:http/", ended.stderr)
                self.assertNotIn("wasm trap", ended.stderr)
                self.assertNotIn(KEY, ended.stderr)
                self.assertEqual(ask("/_simulator/requests")["requests"], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
