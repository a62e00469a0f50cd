"""VirusTotal's own Python client as a rival of the benchmark. The protocol is in bench/src/outside.rs."""

import json
import os
import sys
import time

import vt

SERVER = json.loads(os.environ["BENCH_SERVER"])
SMALL = f"/intelligence/retrohunt_jobs/{SERVER['job']}"


def perform(client, work):
    """Does it once; how many objects there were."""
    if work == "small":
        client.get_object(SMALL)
        return 1
    if work == "large":
        client.get_object(f"/intelligence/hunting_rulesets/{SERVER['ruleset']}")
        return 1
    if work == "page":
        return sum(1 for _ in client.iterator(f"{SMALL}/matching_files", limit=40, batch_size=40))
    stream = {"path": "/ioc_stream", "params": {"descriptors_only": "true"}, "batch_size": 40}
    if work == "descriptors":
        return sum(1 for _ in client.iterator(limit=40, **stream))
    if work == "read-all":
        return sum(1 for _ in client.iterator(**stream))
    raise ValueError(f"there is no work `{work}`")


def main():
    with vt.Client(SERVER["key"], host=SERVER["url"]) as client:
        for line in sys.stdin:
            question = json.loads(line)
            processor, started, objects = time.process_time_ns(), time.perf_counter_ns(), 0
            for _ in range(question["times"]):
                objects += perform(client, question["work"])
            answer = {
                "nanoseconds": time.perf_counter_ns() - started,
                "cpu_nanoseconds": time.process_time_ns() - processor,
                "objects": objects,
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
