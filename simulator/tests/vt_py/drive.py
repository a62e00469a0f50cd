"""Drives the simulator with VirusTotal's own Python client, unchanged.

What the official client accepts is a check on the simulator that its own tests cannot give.

    vt-simulator --json                       # prints the URL and the key
    pip install -r requirements.txt
    python drive.py http://127.0.0.1:PORT KEY

URL and key can also come from VT_URL and VT_APIKEY. The control API must be on, as it is in the program.
"""

import json
import os
import sys
import urllib.request

import vt

RULES = """
rule Simulated_Loader : loader pe
{
    strings:
        $stub = "This program cannot be run in DOS mode"
        $marker = "SIMULATED-LOADER"
    condition:
        uint16(0) == 0x5A4D and all of them
}
"""

RULESETS = "/intelligence/hunting_rulesets"
JOBS = "/intelligence/retrohunt_jobs"


class Control:
    """The simulator's control API."""

    def __init__(self, url):
        self._base = url + "/_simulator/"

    def call(self, method, path):
        request = urllib.request.Request(self._base + path, method=method)
        # An empty handler map: a proxy from the environment must not see requests to this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request) as response:
            return json.load(response)

    def advance_clock(self, seconds):
        return self.call("POST", f"clock/advance?seconds={seconds}")["now"]

    def advance_feed(self, samples):
        return self.call("POST", f"feed/advance?samples={samples}")["notifications"]


def rulesets(client):
    created = []
    for name in ("first", "second", "third"):
        ruleset = vt.Object("hunting_ruleset", obj_attributes={"name": name, "rules": RULES, "enabled": False})
        created.append(client.post_object(RULESETS, obj=ruleset))
    assert created[0].rule_names == ["Simulated_Loader"]
    assert created[0].creation_date.year >= 2025

    listed = list(client.iterator(RULESETS, params={"order": "name+"}, batch_size=2))
    assert [ruleset.name for ruleset in listed] == ["first", "second", "third"], listed
    assert [r.name for r in client.iterator(RULESETS, params={"filter": "name:second enabled:false"})] == ["second"]

    changed = client.get_object(f"{RULESETS}/{created[0].id}")
    changed.enabled = True
    changed.limit = 1000
    changed = client.patch_object(f"{RULESETS}/{changed.id}", obj=changed)
    assert changed.enabled and changed.limit == 1000

    assert client.delete(f"{RULESETS}/{created[2].id}").status == 200
    try:
        client.get_object(f"{RULESETS}/{created[2].id}")
        raise AssertionError("a deleted ruleset is still there")
    except vt.APIError as error:
        assert error.code == "NotFoundError", error

    broken = vt.Object("hunting_ruleset", obj_attributes={"name": "broken", "rules": "rule a { condition: $x }"})
    try:
        client.post_object(RULESETS, obj=broken)
        raise AssertionError("a rule that does not compile was accepted")
    except vt.APIError as error:
        assert error.code == "BadRequestError" and error.message.startswith("1:"), error
    return [created[0].id, created[1].id]


def notifications(client, control):
    made = control.advance_feed(60)
    assert made > 10, made
    found = list(client.iterator("/intelligence/hunting_notifications", batch_size=7))
    assert len(found) == made, (len(found), made)
    assert all(n.type == "hunting_notification" and n.rule_name == "Simulated_Loader" for n in found)
    files = list(client.iterator("/intelligence/hunting_notification_files", params={"filter": "first"}, limit=5))
    assert len(files) == 5
    for file in files:
        assert file.sha256 == file.id and file.context_attributes["ruleset_name"] == "first"
        assert file.sha256 in file.context_attributes["notification_tags"]
    return made


def jobs(client, control):
    attributes = {"rules": RULES, "corpus": "main", "notification_email": "hunter@hunting.example"}
    job = client.post_object(JOBS, obj=vt.Object("retrohunt_job", obj_attributes=attributes))
    assert job.status == "starting"
    control.advance_clock(65)
    job = client.get_object(f"{JOBS}/{job.id}")
    assert job.status == "running" and 0 < job.progress < 100 and job.eta_seconds > 0, job.to_dict()
    control.advance_clock(120)
    job = client.get_object(f"{JOBS}/{job.id}")
    assert job.status == "finished" and job.finish_date > job.start_date, job.to_dict()
    matches = list(client.iterator(f"{JOBS}/{job.id}/matching_files", batch_size=40))
    assert len(matches) == job.num_matches > 40, (len(matches), job.num_matches)
    assert all(match.context_attributes["rule_name"] == "Simulated_Loader" for match in matches)

    second = client.post_object(JOBS, obj=vt.Object("retrohunt_job", obj_attributes={"rules": RULES}))
    assert client.post(f"{JOBS}/{second.id}/abort").status == 200
    assert client.get_object(f"{JOBS}/{second.id}").status == "aborting"
    control.advance_clock(5)
    assert client.get_object(f"{JOBS}/{second.id}").status == "aborted"
    assert [job.id for job in client.iterator(JOBS, params={"filter": "status:aborted"})] == [second.id]
    return len(matches)


def stream(client, made):
    params = {"descriptors_only": "true", "order": "date+"}
    entries = list(client.iterator("/ioc_stream", params=params, batch_size=40))
    ids = [entry.context_attributes["notification_id"] for entry in entries]
    assert len(ids) == len(set(ids)) > 90 + made, len(ids)
    assert {entry.type for entry in entries} == {"file", "url", "domain", "ip_address"}
    for entry in entries:
        hunting = entry.context_attributes["origin"] == "hunting"
        assert (entry.context_attributes["hunting_info"] is not None) == hunting

    last = int(entries[-1].context_attributes["notification_date"])
    params = {"filter": f"date:{last}+ origin:hunting", "order": "date+"}
    newest = list(client.iterator("/ioc_stream", params=params, batch_size=20))
    assert len(newest) == made, (len(newest), made)

    # At the end of a page: within one the client resumes at the next page, and the rest of this one is lost.
    resumed = client.iterator("/ioc_stream", params={"descriptors_only": "true"}, batch_size=10, limit=20)
    first = [entry.context_attributes["notification_id"] for entry in resumed]
    rest = client.iterator("/ioc_stream", params={"descriptors_only": "true"}, batch_size=10, cursor=resumed.cursor)
    rest = [entry.context_attributes["notification_id"] for entry in rest]
    assert first + rest == ids[::-1], (len(first), len(rest), len(ids))

    notification = client.get_object(f"/ioc_stream_notifications/{ids[-1]}")
    assert notification.entity_id == entries[-1].id and notification.origin == entries[-1].context_attributes["origin"]
    return len(ids)


def account(client):
    quotas = client.get_json("/users/night-shift_lab/overall_quotas")["data"]
    assert quotas["intelligence_retrohunt_jobs_monthly"]["user"]["used"] == 2, quotas
    rule = client.get_object("/yara_rules/{}", "0122a7f913|Sim_Loader_Generic")
    assert rule.name == "Sim_Loader_Generic"


def main():
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ["VT_URL"]
    key = sys.argv[2] if len(sys.argv) > 2 else os.environ["VT_APIKEY"]
    control = Control(url)
    with vt.Client(key, host=url) as client:
        ids = rulesets(client)
        made = notifications(client, control)
        entries = stream(client, made)
        matches = jobs(client, control)
        account(client)
        for ruleset in ids:
            assert client.delete(f"{RULESETS}/{ruleset}").status == 200
        assert not list(client.iterator(RULESETS))

    requests = control.call("GET", "requests")["requests"]
    agents = {dict(request["headers"])["user-agent"] for request in requests}
    assert all("gzip" in agent for agent in agents), agents
    print(f"vt-py {vt.__version__}: {made} notifications, {matches} matches, {entries} stream entries, "
          f"{len(requests)} requests, all as expected")


if __name__ == "__main__":
    main()
