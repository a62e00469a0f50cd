"""The component in wasmtime for Python, by the package of examples/python, as a rival of the benchmark. The protocol is in
bench/src/outside.rs."""

import json
import os
import sys
import time

from virustotal_hunting import Hunting, IocStreamQuery, MatchesQuery

SERVER = json.loads(os.environ["BENCH_SERVER"])
EVERYTHING = 2**32 - 1


def perform(hunting, work):
    """Does it once; how many objects there were."""
    if work == "small":
        hunting.get_retrohunt_job(SERVER["job"])
        return 1
    if work == "large":
        hunting.get_livehunt_ruleset(SERVER["ruleset"])
        return 1
    if work == "page":
        return len(hunting.get_retrohunt_job_matches(SERVER["job"], MatchesQuery(limit=40)).items)
    if work in ("descriptors", "read-all"):
        limit = 40 if work == "descriptors" else EVERYTHING
        page = hunting.get_ioc_stream_objects(IocStreamQuery(limit=limit, descriptors_only=True))
        if page.page.incomplete is not None:
            raise RuntimeError(page.page.incomplete.message)
        return len(page.items)
    raise ValueError(f"there is no work `{work}`")


def main():
    with Hunting(SERVER["key"], url=SERVER["url"]) as hunting:
        for line in sys.stdin:
            question = json.loads(line)
            if SERVER["url"].startswith("https:"):
                why = "wasmtime's sender trusts a built-in list of authorities, and cannot be told of the simulator's"
                print(json.dumps({"skipped": why}), flush=True)
                continue
            processor, started, objects = time.process_time_ns(), time.perf_counter_ns(), 0
            for _ in range(question["times"]):
                objects += perform(hunting, question["work"])
            answer = {
                "nanoseconds": time.perf_counter_ns() - started,
                "cpu_nanoseconds": time.process_time_ns() - processor,
                "objects": objects,
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
