"""The tools in the real wassette, over MCP, against the simulator: what an agent sees, and what it cannot do.

Run by `cargo xtask test --only mcp`, which sets the environment.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from wassette import COMPONENT, ID, Home, Session

HERE = pathlib.Path(__file__).resolve().parent.parent
KEY = os.environ["VT_APIKEY"]
URL = os.environ["VT_URL"]
WASM_TOOLS = os.environ["WASM_TOOLS"]
CONNECTOR = os.environ["CONNECTOR_COMPONENT"]
JCO = os.environ.get("JCO")

SIMULATOR = HERE / "simulator.policy.yaml"
SHIPPED = HERE / "virustotal-hunting-tools.policy.yaml"
SETTINGS = {"VT_APIKEY": KEY, "VT_URL": URL}
# As the README has it: an agent that could grant permissions would grant them to itself.
FLAGS = ("--disable-builtin-tools",)
RULES = "rule everything { condition: true }"


def arguments(tool, /, **given):
    """Every parameter of a tool, as a client fills them in: null for what is not given."""
    every = {name.replace("-", "_"): None for name in tool["inputSchema"]["properties"]}
    assert set(given) <= set(every), (given, every)
    return {**every, **given}


class ASession(unittest.TestCase):
    """Tools against the simulator, with everything allowed that the example allows."""

    @classmethod
    def setUpClass(cls):
        cls.home = cls.enterClassContext(Home(SIMULATOR))
        cls.loaded = cls.home.load()
        cls.session = cls.enterClassContext(Session(cls.home, *FLAGS, **SETTINGS))
        cls.tools = cls.session.tools()

    def call(self, tool, /, **given):
        return self.session.call(tool, **arguments(self.tools[tool], **given))

    def ok(self, tool, /, **given):
        answer = self.call(tool, **given)
        self.assertIsNone(answer.error, answer.text)
        self.assertFalse(answer.refused, answer.text)
        return answer.ok

    def test_loading_the_file_gives_every_tool_under_the_actions_own_name(self):
        self.assertEqual(self.loaded["id"], ID)
        self.assertEqual(set(self.loaded["tools"]), set(self.tools))
        self.assertIn("get-livehunt-rulesets", self.tools)
        self.assertEqual(len(self.tools), 39)
        for name in self.tools:
            self.assertRegex(name, r"^[a-z][a-z0-9-]{0,63}$")

    def test_every_tool_says_what_it_is_what_it_costs_and_what_each_parameter_is(self):
        for name, tool in self.tools.items():
            description = tool["description"]
            self.assertNotIn("Auto-generated", description, name)
            self.assertIn("request", description, name)
            self.assertTrue(("changes nothing" in description) != ("Changes what VirusTotal" in description), name)
            for parameter in tool["inputSchema"]["properties"]:
                self.assertIn(f"\n- `{parameter}`: ", description, name)

    def test_a_list_is_ten_objects_without_json_and_the_cursor_goes_on(self):
        for number in range(12):
            self.ok("create-livehunt-ruleset", name=f"listed {number}", rules=RULES, notification_emails=[])
        page = self.ok("get-livehunt-rulesets", filter="name:listed")
        self.assertEqual(len(page["items"]), 10)
        self.assertTrue(all(item["json"] is None for item in page["items"]))
        rest = self.ok("get-livehunt-rulesets", filter="name:listed", cursor=page["page"]["cursor"])
        self.assertEqual(len(rest["items"]), 2)
        self.assertIsNone(rest["page"]["cursor"])

    def test_the_whole_object_comes_where_it_is_asked_for(self):
        made = self.ok("create-livehunt-ruleset", name="whole", rules=RULES, notification_emails=[], include_json=True)
        self.assertEqual(json.loads(made["json"])["id"], made["id"])
        self.assertIsNone(self.ok("get-livehunt-ruleset", id=made["id"])["json"])

    def test_rules_are_cut_in_a_list_and_whole_where_one_ruleset_is_asked_for(self):
        rules = "".join(f"rule r{number} {{ condition: true }}\n" for number in range(60))
        made = self.ok("create-livehunt-ruleset", name="long", rules=rules, notification_emails=[])
        [listed] = self.ok("get-livehunt-rulesets", filter="name:long")["items"]
        self.assertRegex(listed["rules"], rf"\[cut: \d+ of {len(rules)} bytes; get the one object for all of it\]$")
        self.assertEqual(self.ok("get-livehunt-ruleset", id=made["id"])["rules"], rules)

    def test_a_job_is_created_got_and_looked_at(self):
        job = self.ok("create-retrohunt-job", rules=RULES, corpus="goodware", time_range={"start": 1, "end": None})
        got = self.ok("get-retrohunt-job", id=job["id"])
        self.assertEqual((got["id"], got["corpus"], got["time-range"]["start"]), (job["id"], "goodware", 1))
        self.assertIn(self.ok("check-retrohunt-job", id=job["id"])["done"], (True, False))

    def test_the_stream_is_descriptors_unless_full_objects_are_asked_for(self):
        short = self.ok("get-ioc-stream-objects", limit=1, include_json=True)["items"]
        full = self.ok("get-ioc-stream-objects", limit=1, include_json=True, descriptors_only=False)["items"]
        self.assertEqual([item["id"] for item in short], [item["id"] for item in full])
        self.assertGreater(len(short), 0)
        self.assertNotIn("attributes", json.loads(short[0]["json"]))
        self.assertIn("attributes", json.loads(full[0]["json"]))

    def test_an_object_that_is_not_there_is_an_error_with_the_next_step(self):
        error = self.call("get-retrohunt-job", id="nobody-1").error
        self.assertEqual((error["kind"], error["status"], error["retryable"]), ("not-found", 404, False))
        self.assertIn("Check the id", error["message"])

    def test_an_argument_that_the_component_refuses_is_named_with_its_limit(self):
        error = self.call("get-retrohunt-jobs", limit=0).error
        self.assertEqual((error["kind"], error["status"]), ("invalid-argument", None))
        self.assertIn("`limit`", error["message"])
        self.assertIn("1", error["message"])

    def test_rules_that_do_not_compile_say_where(self):
        error = self.call("create-retrohunt-job", rules="rule broken { condition: }").error
        self.assertEqual(error["kind"], "invalid-argument")
        self.assertIn("1:26: error: syntax error", error["message"])

    def test_an_argument_that_the_host_refuses_is_named(self):
        missing = self.session.call("get-retrohunt-job", id="nobody-1")
        self.assertTrue(missing.refused)
        self.assertIn("missing field include-json", missing.text)
        wrong = self.call("create-retrohunt-job", rules=RULES, corpus="badware")
        self.assertTrue(wrong.refused)
        self.assertIn("badware", wrong.text)

    def test_a_deletion_of_everything_needs_the_word(self):
        error = self.call("delete-livehunt-notifications", selection="").error
        self.assertEqual((error["code"], error["status"]), ("ConfirmationMissing", None))


class WhatIsNotAllowed(unittest.TestCase):
    """Sessions under other policies and settings."""

    def session(self, policy, *flags, **settings):
        home = self.enterContext(Home(policy))
        home.load()
        return self.enterContext(Session(home, *FLAGS, *flags, **settings))

    def test_a_host_that_the_policy_does_not_name_is_refused_with_what_to_do(self):
        # The policy as shipped, but for the one line that lets the setting through: the host is still not named.
        with tempfile.TemporaryDirectory() as folder:
            policy = pathlib.Path(folder) / "policy.yaml"
            shipped = SHIPPED.read_text(encoding="utf-8")
            policy.write_text(shipped + '      - key: "VT_URL"\n', encoding="utf-8")
            session = self.session(policy, **SETTINGS)
        error = session.call("get-operation", id="1", include_json=None).error
        self.assertEqual((error["kind"], error["code"], error["status"]), ("forbidden", "RequestDenied", None))
        self.assertIn("127.0.0.1", error["message"])
        self.assertIn("Allow it there", error["message"])

    def test_without_a_policy_nothing_is_reached(self):
        session = self.session(None, **SETTINGS)
        error = session.call("get-operation", id="1", include_json=None).error
        self.assertEqual((error["kind"], error["code"], error["status"]), ("forbidden", "RequestDenied", None))

    def test_a_variable_that_the_policy_does_not_name_is_not_seen(self):
        # The shipped policy does not name VT_URL, so its value, which is no URL, cannot be complained about.
        session = self.session(SHIPPED, VT_URL="no URL")
        error = session.call("get-operation", id="1", include_json=None).error
        self.assertEqual((error["kind"], error["code"]), ("configuration", "MissingApiKey"))

    def test_read_only_refuses_what_changes_anything_and_reads_all_the_same(self):
        session = self.session(SIMULATOR, **SETTINGS, VT_ACCESS="read-only")
        tools = session.tools()
        create = arguments(tools["create-livehunt-ruleset"], name="never", rules=RULES, notification_emails=[])
        error = session.call("create-livehunt-ruleset", **create).error
        self.assertEqual((error["kind"], error["code"], error["status"]), ("forbidden", "ReadOnly", None))
        listed = session.call("get-livehunt-rulesets", **arguments(tools["get-livehunt-rulesets"], filter="name:never"))
        self.assertEqual(listed.ok["items"], [])

    def test_a_missing_key_is_said_by_the_name_of_its_setting(self):
        session = self.session(SIMULATOR, VT_URL=URL)
        error = session.call("get-operation", id="1", include_json=None).error
        self.assertEqual((error["kind"], error["code"]), ("configuration", "MissingApiKey"))
        self.assertIn("`VT_APIKEY`", error["message"])

    def test_the_builtin_tools_that_grant_permissions_are_off(self):
        self.assertFalse([name for name in self.session(SIMULATOR).tools() if "grant" in name or "load" in name])


class TheKey(unittest.TestCase):
    """It is given as a variable or a secret, and appears nowhere."""

    def hunt(self, session):
        """Whatever makes the key appear, if something does; an answer that shows it was used."""
        tools = session.tools()
        session.call("get-retrohunt-job", id="nobody-1", include_json=True)
        session.call("create-retrohunt-job", **arguments(tools["create-retrohunt-job"], rules="rule broken {"))
        session.call("get-account", **arguments(tools["get-account"], user="nobody", include_json=True))
        return session.call("get-retrohunt-jobs", **arguments(tools["get-retrohunt-jobs"], include_json=True))

    def silent(self, session):
        self.assertGreater(len(session.said), 5)
        self.assertEqual([line for line in session.said if KEY in line], [])

    def test_from_the_environment_it_is_in_nothing_that_the_server_says_at_its_most_talkative(self):
        with Home(SIMULATOR) as home:
            home.load()
            with Session(home, *FLAGS, **SETTINGS, RUST_LOG="trace,h2=off") as session:
                self.assertIsNotNone(self.hunt(session).ok)
            self.silent(session)
            self.assertEqual([path for path in home.path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()], [])

    def test_as_a_secret_it_is_in_one_file_that_only_its_owner_reads(self):
        with Home(SIMULATOR) as home:
            home.load()
            self.assertNotIn(KEY, home.run("secret", "set", ID, f"VT_APIKEY={KEY}"))
            with Session(home, *FLAGS, VT_URL=URL) as session:
                self.assertIsNotNone(self.hunt(session).ok)
            self.silent(session)
            [secret] = [path for path in home.path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
            self.assertEqual(secret.stat().st_mode & 0o077, 0)


class TheFile(unittest.TestCase):
    """What tools that know nothing of it say about the component."""

    def wasm_tools(self, *arguments):
        done = subprocess.run([WASM_TOOLS, *arguments], capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def imports(self, component):
        text = self.wasm_tools("component", "wit", str(component))
        return sorted(re.findall(r"^  import (\S+);$", text, re.MULTILINE))

    def test_it_is_valid(self):
        self.wasm_tools("validate", str(COMPONENT))

    def test_it_imports_what_the_main_component_imports_and_nothing_else(self):
        imports = self.imports(COMPONENT)
        self.assertEqual(imports, self.imports(CONNECTOR))
        self.assertEqual(len(imports), 7)

    def test_its_world_reads_back_with_its_documentation(self):
        text = self.wasm_tools("component", "wit", str(COMPONENT))
        self.assertNotRegex(text, r"export \S+/")
        before = re.findall(r"^(.*)\n  export ([a-z-]+): func", text, re.MULTILINE)
        self.assertEqual(len(before), 39)
        self.assertEqual([name for line, name in before if not line.startswith("  /// ")], [])

    def test_it_says_who_made_it(self):
        shown = json.loads(self.wasm_tools("metadata", "show", "--json", str(COMPONENT)))
        shown = json.dumps(shown)
        for said in ("virustotal-hunting-tools", "0.1.0", "Apache-2.0", "tools for agents"):
            self.assertIn(said, shown)

    @unittest.skipIf(JCO is None, "there is no Node.js to run jco with")
    def test_jco_makes_a_module_of_it(self):
        with tempfile.TemporaryDirectory() as folder:
            transpile = [JCO, "transpile", str(COMPONENT), "--out-dir", folder, "--name", "tools"]
            done = subprocess.run(transpile, capture_output=True, text=True, timeout=600, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            types = (pathlib.Path(folder) / "tools.d.ts").read_text(encoding="utf-8")
            self.assertIn("export function getLivehuntRulesets(", types)


class TheReadme(unittest.TestCase):
    """What it tells a reader to type."""

    def test_its_configurations_start_the_server_that_the_tests_start(self):
        text = (HERE / "README.md").read_text(encoding="utf-8")
        blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
        servers = [server for block in blocks for server in (block.get("mcpServers") or block.get("servers")).values()]
        self.assertEqual(len(servers), 2)
        for server in servers:
            self.assertEqual(server["command"], "wassette")
            self.assertEqual(server["args"], ["run", *FLAGS])
            self.assertIn("VT_APIKEY", server["env"])

    def test_the_policies_differ_in_the_host_and_in_the_setting_that_names_it(self):
        def entries(policy):
            return set(re.findall(r'- (?:host|key): "([^"]+)"', policy.read_text(encoding="utf-8")))

        self.assertEqual(entries(SHIPPED) ^ entries(SIMULATOR), {"www.virustotal.com", "127.0.0.1", "VT_URL"})


if __name__ == "__main__":
    unittest.main()
