// Calls run beside the event loop, no more at a time than allowed; they can be ended, survive the loss of a thread, and
// never keep a process alive that has nothing else to do.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { Hunting, HuntingError } from "virustotal-hunting";
import { RULES, Simulator, rejection } from "./support/simulator.mjs";

const STREAM = "ioc_stream";
let simulator;
let hunting;
/** The threads that were started. */
let threads = [];
process.on("worker", (worker) => threads.push(worker));

function open(options = {}) {
  hunting = new Hunting({ apiKey: simulator.key, url: simulator.url, retries: 0, ...options });
  return hunting;
}

before(async () => (simulator = await Simulator.open()));
beforeEach(async () => {
  await simulator.reset();
  threads = [];
});
afterEach(() => hunting?.close());
after(() => simulator.end());

test("a call that waits for its answer does not block the event loop", async () => {
  await simulator.fault(STREAM, { delay: 400 });
  let ticks = 0;
  let isWaiting = true;
  const tick = () => {
    ticks += 1;
    if (isWaiting) setImmediate(tick);
  };
  setImmediate(tick);
  await open().getIocStreamObjects();
  isWaiting = false;
  assert.ok(ticks > 100, `${ticks} ticks in 400 ms`);
});

test("fifty calls at once all get their own answers, from no more threads than allowed", async () => {
  open({ workers: 3 });
  const jobs = [];
  for (let index = 0; index < 5; index += 1) jobs.push(await hunting.createRetrohuntJob({ rules: RULES }));
  const ids = Array.from({ length: 50 }, (_, index) => (index % 10 === 9 ? `nobody-${index}` : jobs[index % 5].id));
  const calls = ids.map((id) => hunting.withResponse.getRetrohuntJob(id));
  assert.equal(hunting.counts.running + hunting.counts.queued, 50);
  const answers = await Promise.allSettled(calls);
  answers.forEach((answer, index) => {
    if (ids[index].startsWith("nobody")) {
      assert.equal(answer.reason.status, 404);
      assert.match(answer.reason.message, new RegExp(ids[index]));
    } else {
      assert.equal(answer.value.value.id, ids[index]);
      assert.equal(answer.value.response.statusCode, 200);
    }
  });
  assert.equal(threads.length, 3);
});

test("what cannot even wait is refused as Busy, and may be repeated", async () => {
  await simulator.fault(STREAM, "stall");
  open({ workers: 1, maxQueued: 1 });
  const leave = new AbortController();
  const held = [1, 2].map(() => rejection(hunting.getIocStreamObjects({}, { signal: leave.signal })));
  const error = await rejection(hunting.getIocStreamObjects());
  assert.deepEqual([error.kind, error.code, error.retryable], ["other", "Busy", true]);
  leave.abort();
  await Promise.all(held);
});

test("an abort ends a call that was sent, with the reason of the signal, and the next call works", async () => {
  await simulator.fault(STREAM, "stall");
  open({ workers: 1 });
  const leave = new AbortController();
  const call = rejection(hunting.getIocStreamObjects({}, { signal: leave.signal }));
  await simulator.arrived(1);
  const reason = new Error("enough");
  leave.abort(reason);
  assert.equal(await call, reason);
  assert.ok(Array.isArray((await hunting.getRetrohuntJobs()).items));
  assert.equal(threads.length, 2);
});

test("an abort takes a call out of the queue, and it is never sent", async () => {
  await simulator.fault(STREAM, "stall");
  open({ workers: 1 });
  const leave = new AbortController();
  const first = rejection(hunting.getIocStreamObjects());
  await simulator.arrived(1);
  const second = rejection(hunting.createRetrohuntJob({ rules: RULES }, { signal: leave.signal }));
  leave.abort();
  assert.equal((await second).name, "AbortError");
  await hunting.close();
  assert.equal((await first).code, "Closed");
  assert.deepEqual((await simulator.requests()).map((request) => request.method), ["GET"]);
});

test("an abort before the call sends nothing and starts no thread", async () => {
  const error = await rejection(open().getIocStreamObjects({}, { signal: AbortSignal.abort() }));
  assert.equal(error.name, "AbortError");
  assert.deepEqual([threads.length, await simulator.requests()], [0, []]);
});

test("a signal that outlives its calls holds none of their listeners", async () => {
  open({ workers: 1 });
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given) => ((listeners += 1), addEventListener.apply(signal, given));
  signal.removeEventListener = (...given) => ((listeners -= 1), removeEventListener.apply(signal, given));
  await hunting.getRetrohuntJobs({}, { signal });
  await rejection(hunting.getRetrohuntJob("nobody-1", { signal }));
  assert.equal(listeners, 0);
});

test("a thread that dies rejects its call alone, says that the request may have arrived, and is replaced", async () => {
  await simulator.fault(STREAM, "stall");
  open({ workers: 2 });
  const call = rejection(hunting.getIocStreamObjects());
  await simulator.arrived(1);
  const other = hunting.getRetrohuntJobs();
  await threads[0].terminate();
  const error = await call;
  assert.ok(error instanceof HuntingError);
  assert.deepEqual([error.kind, error.code, error.retryable], ["other", "WorkerDied", false]);
  assert.match(error.message, /the request may have arrived/);
  assert.ok(Array.isArray((await other).items));
  await simulator.reset();
  assert.ok(Array.isArray((await hunting.getIocStreamObjects()).items));
});

test("a component that breaks off is thrown away with its thread, and the next call has a new one", async () => {
  await simulator.fault(STREAM, "stall");
  open({ workers: 1 });
  const call = rejection(hunting.getIocStreamObjects());
  await simulator.arrived(1);
  // What worker.ts sends when WebAssembly throws.
  threads[0].emit("message", { trap: `RuntimeError: unreachable ${simulator.key}` });
  const error = await call;
  assert.equal(error.code, "Trap");
  assert.match(error.message, /RuntimeError: unreachable \[redacted\]/);
  assert.ok(Array.isArray((await hunting.getRetrohuntJobs()).items));
  assert.equal(threads.length, 2);
});

test("closing rejects what runs and waits, ends the threads, and later calls say so", async () => {
  await simulator.fault(STREAM, "stall");
  open({ workers: 1 });
  const calls = [1, 2].map(() => rejection(hunting.getIocStreamObjects()));
  await simulator.arrived(1);
  await hunting.close();
  for (const error of await Promise.all(calls)) assert.equal(error.code, "Closed");
  assert.equal((await rejection(hunting.getIocStreamObjects())).code, "Closed");
  assert.deepEqual(hunting.counts, { workers: 0, running: 0, queued: 0 });
  assert.ok(threads.every((worker) => worker.threadId === -1));
  await hunting[Symbol.asyncDispose ?? "close"]();
});

test("a process ends when its last call has, without close", async () => {
  const script = `
    import { Hunting } from "virustotal-hunting";
    const hunting = new Hunting({ apiKey: process.env.KEY, url: process.env.URL });
    hunting.getRetrohuntJobs().then((page) => console.log("got", Array.isArray(page.items)));
  `;
  const env = { ...process.env, KEY: simulator.key, URL: simulator.url };
  const options = { cwd: import.meta.dirname ?? new URL(".", import.meta.url), env, timeout: 600_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], options);
  assert.equal(stdout.trim(), "got true");
});
