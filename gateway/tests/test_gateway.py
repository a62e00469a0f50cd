"""The composed gateway in the stock wasmtime, against the simulator: every action, every refusal, and that its envelope is
the command line's."""

import json
import os
import subprocess
import tempfile
import unittest

from gateway import (
    CLOSED_URL, JSON, KEPT_URL, KEY, LOOPBACK_URL, ORIGIN, REFUSED_URL, TOKEN, URL, act, ask, head, leave, simulator,
)

RULES = """rule Simulated_Loader : loader pe
{
    strings:
        $marker = "SIMULATED-LOADER"
    condition:
        uint16(0) == 0x5A4D and $marker
}
"""
# The simulator's one user without further keys, and its one group.
USER, GROUP = "night-shift_lab", "simulated-lab"
CATALOGUE = {action["name"]: action for action in ask("GET", "/v1/actions").json["actions"]}
# Which actions answered 200, over all tests.
answered = set()


def good(case, action, arguments=None):
    """Runs an action that has to succeed, and gives back the body that VirusTotal sent."""
    answer = act(action, arguments)
    case.assertEqual(answer.status, 200, f"{action}: {answer.body[:500]}")
    envelope = answer.json
    members = set(envelope) - {"derived", "incomplete"}
    case.assertEqual(members, {"status_code", "reason", "response_headers", "json_body"})
    if action == "parse-snippet":
        case.assertIsNone(envelope["status_code"])
    else:
        case.assertIn(envelope["status_code"], (200, 201, 202, 204), action)
        case.assertIn("date", envelope["response_headers"])
    case.assertNotIn(KEY.encode(), answer.body)
    answered.add(action)
    return envelope["json_body"]


class Actions(unittest.TestCase):
    """A hunt through every action. Each test makes what it needs, so that their order does not matter."""

    def ruleset(self, **more):
        body = good(self, "create-livehunt-ruleset", {"name": "loader", "rules": RULES, **more})
        return body["data"]["id"]

    def job(self):
        return good(self, "create-retrohunt-job", {"rules": RULES, "corpus": "goodware"})["data"]["id"]

    def test_rulesets_are_made_read_changed_shared_and_deleted(self):
        ruleset = self.ruleset(enabled=False, notification_emails=[])
        one = good(self, "get-livehunt-ruleset", {"id": ruleset})["data"]
        self.assertEqual((one["id"], one["attributes"]["rules"]), (ruleset, RULES))
        listed = good(self, "get-livehunt-rulesets", {"limit": 40, "filter": "name:loader", "order": "name+"})
        self.assertIn(ruleset, [entry["id"] for entry in listed["data"]])
        changed = good(self, "update-livehunt-ruleset", {"id": ruleset, "limit": 0, "enabled": False})["data"]
        self.assertEqual(changed["attributes"]["limit"], 0)
        editor = {"editor_type": "group", "id": GROUP}
        self.assertEqual(good(self, "add-livehunt-ruleset-editors", {"id": ruleset, "editors": [editor]}), {})
        check = {"id": ruleset, "editor": GROUP}
        self.assertEqual(good(self, "check-livehunt-ruleset-editor", check), {"data": True})
        self.assertEqual(good(self, "get-livehunt-ruleset-editors", {"id": ruleset})["data"], [{"type": "group", "id": GROUP}])
        self.assertEqual(good(self, "get-livehunt-ruleset-owner", {"id": ruleset})["data"], {"type": "user", "id": USER})
        listed = good(self, "get-livehunt-rulesets", {"limit": 40, "relationships": ["owner", "editors"]})
        shared = next(entry for entry in listed["data"] if entry["id"] == ruleset)
        self.assertEqual(shared["relationships"]["owner"]["data"]["id"], USER)
        good(self, "remove-livehunt-ruleset-editor", check)
        self.assertEqual(good(self, "check-livehunt-ruleset-editor", check), {"data": False})
        since = one["attributes"]["creation_date"] - 60
        found = good(self, "reconcile-livehunt-ruleset", {"name": "loader", "rules": RULES, "created_since": since})
        self.assertIn(ruleset, [entry["id"] for entry in found["data"]])
        self.assertEqual(good(self, "delete-livehunt-ruleset", {"id": ruleset}), {})
        self.assertEqual(act("get-livehunt-ruleset", {"id": ruleset}).status, 404)
        given = self.ruleset()
        self.assertEqual(good(self, "transfer-livehunt-ruleset", {"id": given, "user": USER}), {})
        operation = good(self, "delete-all-livehunt-rulesets", {"confirm_user": USER})["data"]
        status = good(self, "get-operation", {"id": operation["id"]})["data"]["attributes"]["status"]
        self.assertIn(status, ("running", "finished"))
        simulator("POST", "clock/advance?seconds=60")

    def test_notifications_are_listed_followed_and_deleted(self):
        simulator("POST", "hunting_notifications/add?count=3")
        ruleset = self.ruleset(enabled=True)
        simulator("POST", "feed/advance?samples=24")
        page = good(self, "get-livehunt-notifications", {"limit": 2, "order": "date-", "count_limit": 10})
        self.assertEqual(len(page["data"]), 2)
        hit = page["data"][0]
        self.assertIn(hit["attributes"]["file_sha256"], hit["attributes"]["tags"])
        rest = good(self, "get-livehunt-notifications", {"limit": 2, "order": "date-", "count_limit": 10, "cursor": page["meta"]["cursor"]})
        self.assertNotEqual(rest["data"][0]["id"], hit["id"])
        one = good(self, "get-livehunt-notification", {"id": hit["id"]})["data"]
        self.assertEqual(one["id"], hit["id"])
        self.assertTrue(good(self, "get-livehunt-notification-files", {"limit": 1})["data"])
        files = {"id": ruleset, "descriptors_only": True, "limit": 3}
        self.assertTrue(good(self, "get-livehunt-ruleset-notification-files", files)["data"])
        step = good(self, "poll-livehunt-notifications", {"since": 1, "budget": {"items": 2}})
        self.assertEqual((len(step["data"]), step["meta"]["more"]), (2, True))
        again = good(self, "poll-livehunt-notifications", {"checkpoint": step["meta"]["checkpoint"]})
        seen = {entry["id"] for entry in step["data"]}
        self.assertFalse(seen & {entry["id"] for entry in again["data"]})
        snippet = good(self, "parse-snippet", {"dump": "4D 5A *begin_highlight*90 00*end_highlight*  MZ.."})["data"]
        self.assertEqual(set(snippet), {"bytes", "highlights", "truncated"})
        self.assertEqual(good(self, "delete-livehunt-notification", {"id": hit["id"]}), {})
        self.assertEqual(act("get-livehunt-notification", {"id": hit["id"]}).status, 404)
        self.assertEqual(good(self, "delete-livehunt-notifications", {"selection": "tag:simulated_loader"}), {})

    def test_a_job_runs_has_matches_and_is_aborted_and_deleted(self):
        job = self.job()
        check = act("check-retrohunt-job", {"id": job}).json
        self.assertEqual(check["derived"]["done"], False)
        self.assertGreater(check["derived"]["next_check_in_seconds"], 0)
        simulator("POST", "clock/advance?seconds=60")
        attributes = good(self, "check-retrohunt-job", {"id": job})["data"]["attributes"]
        self.assertEqual(attributes["status"], "finished")
        attributes = good(self, "get-retrohunt-job", {"id": job})["data"]["attributes"]
        self.assertEqual(attributes["finished_date"], attributes["finish_date"])
        self.assertEqual(attributes["yara_rule"], RULES)
        self.assertIn(job, [entry["id"] for entry in good(self, "get-retrohunt-jobs", {"limit": 40})["data"]])
        self.assertTrue("data" in good(self, "get-retrohunt-job-matches", {"id": job, "limit": 2}))
        wanted = {"rules": RULES, "corpus": "goodware", "created_since": attributes["creation_date"] - 60}
        self.assertIn(job, [entry["id"] for entry in good(self, "reconcile-retrohunt-job", wanted)["data"]])
        running = self.job()
        self.assertEqual(good(self, "abort-retrohunt-job", {"id": running}), {})
        simulator("POST", "clock/advance?seconds=60")
        self.assertEqual(good(self, "delete-retrohunt-job", {"id": running}), {})

    def test_the_stream_is_read_followed_and_cleared(self):
        simulator("POST", "ioc_stream/add?count=5")
        page = good(self, "get-ioc-stream-objects", {"limit": 3, "descriptors_only": True})
        self.assertEqual(len(page["data"]), 3)
        notification = page["data"][0]["context_attributes"]["notification_id"]
        one = good(self, "get-ioc-stream-notification", {"id": notification})["data"]
        self.assertEqual(one["id"], notification)
        step = good(self, "poll-ioc-stream", {"since": 1, "descriptors_only": True, "budget": {"items": 2, "requests": 1}})
        self.assertEqual(len(step["data"]), 2)
        self.assertEqual(good(self, "delete-ioc-stream-notification", {"id": notification}), {})
        self.assertEqual(good(self, "delete-ioc-stream-objects", {"selection": "origin:hunting"}), {})
        simulator("POST", "clock/advance?seconds=60")

    def test_the_account_and_the_published_rules_are_read(self):
        self.assertEqual(good(self, "get-account", {"user": USER})["data"]["id"], USER)
        quotas = good(self, "get-account-quotas", {"user": USER})["data"]
        self.assertIn("intelligence_retrohunt_jobs_monthly", quotas)
        good(self, "get-account-usage", {"user": USER})
        rule = good(self, "get-crowdsourced-yara-rules", {"limit": 1})["data"][0]["id"]
        self.assertEqual(good(self, "get-crowdsourced-yara-rule", {"id": rule})["data"]["id"], rule)

    @classmethod
    def tearDownClass(cls):
        missing = set(CATALOGUE) - answered
        if missing:
            raise AssertionError(f"no test had these answer: {', '.join(sorted(missing))}")


class Refusals(unittest.TestCase):
    """Each with its status, its media type and what to do."""

    def problem(self, answer, status, code):
        self.assertEqual((answer.status, answer.headers["content-type"]), (status, "application/problem+json"), answer.body[:300])
        problem = answer.json
        self.assertEqual((problem["status"], problem["code"]), (status, code), problem)
        self.assertTrue(problem["type"].startswith("urn:problem-type:virustotal-hunting:"))
        self.assertTrue(problem["title"] and problem["detail"])
        for member in ("kind", "retryable", "retry_after", "upstream_status"):
            self.assertIn(member, problem)
        self.assertNotIn(KEY.encode(), answer.body)
        self.assertNotIn(TOKEN.encode(), answer.body)
        return problem

    def setUp(self):
        simulator("DELETE", "faults")
        self.addCleanup(simulator, "DELETE", "faults")

    def test_without_the_token_there_are_only_the_open_paths(self):
        for token in (None, "wrong", TOKEN + "x", TOKEN[:-1]):
            for method, path in (("GET", "/v1/actions"), ("POST", "/v1/actions/get-retrohunt-jobs"), ("POST", "/v1/actions/none")):
                answer = ask(method, path, "{}" if method == "POST" else None, JSON, token)
                self.problem(answer, 401, "TokenRequired")
                self.assertTrue(answer.headers["www-authenticate"].startswith("Bearer "))
        for path in ("/", "/healthz", "/openapi.json"):
            self.assertEqual(ask("GET", path, token=None).status, 200, path)

    def test_a_gateway_without_a_token_lets_no_one_in(self):
        problem = self.problem(act("get-retrohunt-jobs", url=CLOSED_URL), 503, "MissingToken")
        self.assertIn("GATEWAY_TOKEN", problem["detail"])
        self.assertEqual(ask("GET", "/healthz", url=CLOSED_URL).status, 200)

    def test_a_gateway_open_to_this_machine_is_open_to_this_machine_only(self):
        self.assertEqual(act("get-retrohunt-jobs", token=None, url=LOOPBACK_URL).status, 200)
        rebound = ask("POST", "/v1/actions/get-retrohunt-jobs", "{}", {**JSON, "host": "evil.example"}, None, LOOPBACK_URL)
        self.problem(rebound, 403, "HostRefused")

    def test_a_key_that_virustotal_refuses_is_not_a_wrong_token(self):
        problem = self.problem(act("get-retrohunt-jobs", url=REFUSED_URL), 502, "WrongCredentialsError")
        self.assertEqual((problem["kind"], problem["upstream_status"]), ("authentication", 401))

    def test_what_only_reads_changes_nothing(self):
        problem = self.problem(act("delete-retrohunt-job", {"id": "a-1"}, url=REFUSED_URL), 403, "ReadOnly")
        self.assertIsNone(problem["upstream_status"])

    def test_paths_and_methods(self):
        self.problem(ask("GET", "/nothing"), 404, "UnknownPath")
        self.problem(act("last-response"), 404, "UnknownAction")
        for method, path, allow in (
            ("GET", "/v1/actions/get-retrohunt-jobs", "OPTIONS, POST"),
            ("DELETE", "/v1/actions", "GET, HEAD, OPTIONS"),
            ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ):
            answer = ask(method, path)
            self.problem(answer, 405, "MethodNotAllowed")
            self.assertEqual(answer.headers["allow"], allow)

    def test_media_types_sizes_and_json(self):
        path = "/v1/actions/get-retrohunt-job"
        for headers in ({}, {"content-type": "text/plain"}, {"content-type": "application/json; charset=latin1"}, {**JSON, "content-encoding": "gzip"}):
            self.problem(ask("POST", path, "{}", headers), 415, "UnsupportedMediaType")
        # One byte too many in chunks: nothing after it is waited for.
        chunk = b"200001\r\n{" + b" " * (2 * 1024 * 1024) + b"\r\n"
        chunked = [("host", "a"), ("content-type", "application/json"), ("transfer-encoding", "chunked")]
        self.problem(head("POST", path, chunked, body=chunk), 413, "BodyTooLarge")
        self.problem(ask("POST", path, "{", JSON), 400, "NoJson")
        self.problem(ask("POST", path, b"{\"id\":\"\xff\"}", JSON), 400, "NoJson")
        self.problem(ask("POST", path, None, JSON), 400, "EmptyBody")

    def test_what_the_head_is_enough_to_refuse_is_refused_before_the_body_comes(self):
        path, host, json_type = "/v1/actions/get-retrohunt-job", ("host", "a"), ("content-type", "application/json")
        length = ("content-length", str(2 * 1024 * 1024))
        self.problem(head("POST", "/nothing", [host, length]), 404, "UnknownPath")
        self.problem(head("PUT", path, [host, length]), 405, "MethodNotAllowed")
        self.problem(head("POST", path, [host, length], token=None), 401, "TokenRequired")
        self.problem(head("POST", path + "s-of-none", [host, length]), 404, "UnknownAction")
        self.problem(head("POST", path, [host, length]), 415, "UnsupportedMediaType")
        self.problem(head("POST", path, [host, json_type, ("content-length", str(2 * 1024 * 1024 + 1))]), 413, "BodyTooLarge")

    def test_a_host_that_is_none_is_a_bad_request(self):
        for host in ("a b", "u@a", "a:b", "a:65536", "[a]", "a/b", "http://a", "a,b"):
            for token in (None, TOKEN):
                answer = head("GET", "/v1/actions", [("host", host)], token=token)
                self.assertEqual((answer.status, answer.json["kind"]), (400, "request"), host)

    def test_a_body_of_just_the_limit_is_read(self):
        body = b'{"id":"a-1"' + b" " * (2 * 1024 * 1024 - 12) + b"}"
        self.problem(ask("POST", "/v1/actions/get-retrohunt-job", body, JSON), 404, "NotFoundError")

    def test_wrong_arguments_of_every_action(self):
        for name, action in CATALOGUE.items():
            problem = self.problem(act(name, {"no_such_argument": 1}), 422, "WrongArguments")
            self.assertIn("no_such_argument", problem["detail"])
            for member in action["input"].get("required", []):
                self.problem(act(name, {}), 422, "WrongArguments")
                self.problem(act(name, {member: {"an": "object"}}), 422, "WrongArguments")
            self.problem(ask("POST", "/v1/actions/" + name, "[]", JSON), 422, "WrongArguments")

    def test_what_the_component_refuses_is_not_sent(self):
        simulator("DELETE", "requests")
        problem = self.problem(act("get-retrohunt-job", {"id": ".."}), 422, "InvalidArgument")
        self.assertEqual(problem["kind"], "invalid-argument")
        self.problem(act("delete-ioc-stream-objects", {"selection": ""}), 422, "ConfirmationMissing")
        self.assertEqual(simulator("GET", "requests")["requests"], [])

    def test_what_virustotal_refuses(self):
        bad = "rule a { condition: $b }"
        problem = self.problem(act("create-livehunt-ruleset", {"name": "n", "rules": bad}), 422, "BadRequestError")
        self.assertEqual(problem["upstream_status"], 400)
        self.problem(act("get-retrohunt-job", {"id": "none-1"}), 404, "NotFoundError")

    def test_a_quota_says_how_long_to_wait(self):
        fault = [{"path": "/api/v3/intelligence/retrohunt_jobs", "action": "quota"}]
        simulator("POST", "faults", json.dumps(fault))
        answer = act("get-retrohunt-jobs")
        problem = self.problem(answer, 429, "QuotaExceededError")
        self.assertEqual(problem["kind"], "quota-exceeded")
        self.assertEqual(answer.headers.get("retry-after"), None if problem["retry_after"] is None else str(problem["retry_after"]))


class Kept(unittest.TestCase):
    """An engine may keep an instance for the next caller, and a client may be gone: nobody else notices."""

    def test_what_sends_nothing_tells_nothing_of_the_caller_before(self):
        for _ in range(3):
            before = act("get-retrohunt-jobs", url=KEPT_URL)
            self.assertEqual((before.status, before.json["status_code"]), (200, 200))
            self.assertTrue(before.json["response_headers"])
            snippet = act("parse-snippet", {"dump": "4D 5A"}, url=KEPT_URL).json
            self.assertEqual((snippet["status_code"], snippet["reason"], snippet["response_headers"]), (None, "", {}))
            self.assertEqual(act("get-retrohunt-job", {"id": ".."}, url=KEPT_URL).json["upstream_status"], None)

    def test_clients_that_leave_in_mid_answer_break_nothing_off(self):
        # That no instance broke off is in the log, which the step looks through.
        # Far more than the system takes of an answer that nobody reads.
        jobs = [{"type": "retrohunt_job", "id": "a-1", "attributes": {"rules": "x" * (8 << 20)}}]
        headers = [["content-type", "application/json"]]
        large = {"times": 10, "action": {"respond": {"status": 200, "headers": headers, "body": {"data": jobs}}}}
        self.addCleanup(simulator, "DELETE", "faults")
        for url in (URL, KEPT_URL):
            simulator("POST", "faults", json.dumps([large]))
            for _ in range(10):
                leave("get-retrohunt-jobs", {}, url)
            simulator("DELETE", "faults")
            self.assertEqual(ask("GET", "/healthz", url=url).status, 200)
            self.assertEqual(act("get-retrohunt-jobs", url=url).status, 200)


class Protocol(unittest.TestCase):
    """HEAD, OPTIONS, other origins, and the headers that every answer has."""

    def test_head_is_get_without_a_body(self):
        for path in ("/", "/healthz", "/openapi.json", "/v1/actions"):
            head, get = ask("HEAD", path), ask("GET", path)
            self.assertEqual((head.status, head.body), (get.status, b""), path)
            self.assertEqual(head.headers["content-type"], get.headers["content-type"])

    def test_options_names_the_methods(self):
        answer = ask("OPTIONS", "/v1/actions/get-retrohunt-jobs", token=None)
        self.assertEqual((answer.status, answer.headers["allow"], answer.body), (204, "OPTIONS, POST", b""))

    def test_only_the_named_origin_may_read(self):
        asks = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
        path = "/v1/actions/get-retrohunt-jobs"
        named = ask("OPTIONS", path, None, {"origin": ORIGIN, **asks}, None)
        self.assertEqual(named.headers["access-control-allow-origin"], ORIGIN)
        self.assertIn("POST", named.headers["access-control-allow-methods"])
        other = ask("OPTIONS", path, None, {"origin": "https://other.example", **asks}, None)
        self.assertNotIn("access-control-allow-origin", other.headers)
        self.assertEqual(ask("POST", path, "{}", {"origin": ORIGIN, **JSON}).headers["access-control-allow-origin"], ORIGIN)

    def test_every_answer_is_protected(self):
        answers = [ask("GET", path) for path in ("/", "/healthz", "/openapi.json", "/v1/actions", "/nothing")]
        for answer in [*answers, act("get-retrohunt-jobs"), act("get-retrohunt-jobs", token=None)]:
            self.assertEqual(answer.headers["cache-control"], "no-store")
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
            self.assertIn("default-src 'none'", answer.headers["content-security-policy"])

    def test_the_catalogue_and_openapi_have_the_same_schemas(self):
        paths = ask("GET", "/openapi.json").json["paths"]
        for name, action in CATALOGUE.items():
            post = paths["/v1/actions/" + name]["post"]
            for there, here in (
                (post["requestBody"]["content"]["application/json"]["schema"], action["input"]),
                (post["responses"]["200"]["content"]["application/json"]["schema"], action["output"]),
            ):
                self.assertEqual(there, {key: value for key, value in here.items() if key != "$schema"}, name)


class CommandLine(unittest.TestCase):
    """`vt-hunting --envelope` gives the same for the same action."""

    def test_the_envelopes_are_the_same(self):
        simulator("POST", "hunting_notifications/add?count=2")
        simulator("POST", "ioc_stream/add?count=2")
        job = act("create-retrohunt-job", {"rules": RULES, "corpus": "goodware"}).json["json_body"]["data"]["id"]
        simulator("POST", "clock/advance?seconds=60")
        hit = act("get-livehunt-notifications", {"limit": 1}).json["json_body"]["data"][0]["id"]
        cases = [
            ("get-livehunt-rulesets", {}, ["livehunt", "rulesets"]),
            ("get-livehunt-notifications", {"limit": 2}, ["livehunt", "notifications", "--limit", "2"]),
            ("get-livehunt-notification", {"id": hit}, ["livehunt", "notification", hit]),
            ("get-retrohunt-jobs", {"limit": 3}, ["retrohunt", "jobs", "--limit", "3"]),
            ("get-retrohunt-job", {"id": job}, ["retrohunt", "job", job]),
            ("check-retrohunt-job", {"id": job}, ["retrohunt", "check-job", job]),
            ("get-retrohunt-job-matches", {"id": job}, ["retrohunt", "matches", job]),
            ("get-ioc-stream-objects", {"limit": 2, "descriptors_only": True}, ["ioc-stream", "objects", "--limit", "2", "--descriptors-only"]),
            ("get-account", {"user": USER}, ["account", "show", USER]),
            ("get-account-quotas", {"user": USER}, ["account", "quotas", USER]),
            ("get-crowdsourced-yara-rules", {"limit": 2}, ["crowdsourced", "yara-rules", "--limit", "2"]),
        ]
        with tempfile.TemporaryDirectory() as cache:
            environment = {**os.environ, "VT_HUNTING_CACHE": cache}
            for action, arguments, command in cases:
                program = [os.environ["VT_HUNTING_PROGRAM"], "--envelope", *command]
                ran = subprocess.run(program, env=environment, capture_output=True, timeout=600, check=False)
                self.assertEqual(ran.returncode, 0, f"{command}: {ran.stderr.decode()}")
                theirs, ours = json.loads(ran.stdout), act(action, arguments).json
                ours.pop("derived", None)
                self.assertEqual(ours, theirs, action)


if __name__ == "__main__":
    unittest.main()
