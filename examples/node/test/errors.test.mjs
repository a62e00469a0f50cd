// Each kind of failure arrives as a HuntingError with what a caller branches on, and wrong arguments never leave the process.

import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { after, before, beforeEach, test } from "node:test";
import { Hunting, HuntingError } from "virustotal-hunting";
import { Simulator, rejection } from "./support/simulator.mjs";

let simulator;
const opened = [];

/** One with the simulator's address and key, and no repetitions. */
function open(options = {}) {
  const hunting = new Hunting({ apiKey: simulator.key, url: simulator.url, retries: 0, workers: 1, ...options });
  opened.push(hunting);
  return hunting;
}

before(async () => (simulator = await Simulator.open()));
beforeEach(() => simulator.reset());
after(async () => {
  await Promise.all(opened.map((hunting) => hunting.close()));
  await simulator.end();
});

const STREAM = "ioc_stream";
const status = (code) => ({ status: { code } });
const FAILURES = [
  { kind: "invalid-argument", call: (on) => on.createRetrohuntJob({ rules: "rule x { condition: $a }" }), status: 400 },
  { kind: "configuration", options: { timeout: -1 }, code: "InvalidSetting" },
  { kind: "authentication", options: { apiKey: "f".repeat(64) }, status: 401, code: "WrongCredentialsError" },
  { kind: "forbidden", fault: status(403), status: 403 },
  { kind: "forbidden", options: { access: "read-only" }, call: (on) => on.deleteRetrohuntJob("a-1"), code: "ReadOnly" },
  { kind: "not-found", call: (on) => on.getRetrohuntJob("nobody-1"), status: 404, code: "NotFoundError" },
  { kind: "conflict", fault: status(409), status: 409 },
  { kind: "quota-exceeded", fault: "quota", status: 429, code: "QuotaExceededError" },
  { kind: "rate-limited", fault: { rate_limit: { retry_after: "3" } }, status: 429, retryAfter: 3, retryable: true },
  { kind: "unavailable", fault: status(503), status: 503, retryable: true },
  { kind: "timeout", fault: "stall", options: { timeout: 0.3 }, code: "DeadlineExceeded", retryable: true },
  { kind: "transport", fault: "reset", retryable: true },
  { kind: "protocol", fault: { garbage: "<<<" }, status: 200 },
  { kind: "too-large", options: { maxResponseBytes: 10 }, code: "ResponseTooLarge" },
  { kind: "other", fault: status(418), status: 418 },
];

for (const { kind, call, options, fault, ...expected } of FAILURES) {
  test(`a failure is ${kind} after ${JSON.stringify(fault ?? options ?? String(call))}`, async () => {
    if (fault !== undefined) await simulator.fault(STREAM, fault);
    const hunting = open(options);
    const error = await rejection((call ?? ((on) => on.getIocStreamObjects()))(hunting));
    assert.ok(error instanceof HuntingError && error instanceof Error, String(error));
    assert.equal(error.kind, kind, error.message);
    for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, `${name}: ${error.message}`);
    assert.equal(error.retryable, expected.retryable ?? false);
    assert.equal(error.response?.statusCode, expected.status ?? error.response?.statusCode);
    assert.ok(error.message.length > 20 && error.code.length > 0);
  });
}

test("every kind that a caller can branch on was there", () => {
  assert.equal(new Set(FAILURES.map(({ kind }) => kind)).size, 14);
});

test("a refused connection says so", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  const error = await rejection(open({ url: `http://127.0.0.1:${port}` }).getIocStreamObjects());
  assert.deepEqual([error.kind, error.code, error.retryable], ["transport", "ConnectionRefused", true]);
});

const WRONG = [
  ["a missing id", (on) => on.getRetrohuntJob(), /getRetrohuntJob: id is missing; it takes a string/],
  ["an id of another type", (on) => on.getRetrohuntJob(7), /id takes a string, not 7/],
  ["an unknown field", (on) => on.getRetrohuntJobs({ limt: 4 }), /query has no field "limt"; there are limit, filter, cursor/],
  ["a fraction", (on) => on.getRetrohuntJobs({ limit: 1.5 }), /query\.limit takes an integer from 0 to 4294967295, not 1\.5/],
  ["a negative number", (on) => on.getRetrohuntJobs({ limit: -1 }), /not -1/],
  ["more than 32 bits", (on) => on.getRetrohuntJobs({ limit: 2 ** 32 }), /not 4294967296/],
  ["a negative date", (on) => on.reconcileRetrohuntJob({ rules: "x" }, -1), /createdSince takes an integer from 0/],
  ["more than 64 bits", (on) => on.reconcileRetrohuntJob({ rules: "x" }, 2n ** 64n), /createdSince takes an integer/],
  ["a date as a Date", (on) => on.reconcileRetrohuntJob({ rules: "x" }, new Date()), /not an object/],
  ["a word that is none", (on) => on.createRetrohuntJob({ rules: "x", corpus: "all" }), /corpus takes one of "main", "goodware"/],
  ["a list that is none", (on) => on.createLivehuntRuleset({ name: "n", rules: "x", notificationEmails: "a@b" }), /takes an array/],
  ["a list with a hole", (on) => on.addLivehuntRulesetEditors("1", [undefined]), /editors\[0\] is missing/],
  ["too many arguments", (on) => on.getRetrohuntJob("a", {}, 1), /takes 1 arguments and options, not 3/],
  ["an unknown option", (on) => on.getRetrohuntJob("a", { timeout: 1 }), /no option "timeout"; there is signal/],
  ["a signal that is none", (on) => on.getRetrohuntJob("a", { signal: {} }), /signal must be an AbortSignal/],
  ["an empty rules text", (on) => on.createRetrohuntJob({ rules: "" }), /rules/],
];

for (const [what, call, message] of WRONG) {
  test(`${what} is refused and nothing is sent`, async () => {
    const error = await rejection(call(open()));
    assert.deepEqual([error.kind, error.code, error.status], ["invalid-argument", "InvalidArgument", undefined]);
    assert.match(error.message, message);
    assert.deepEqual(await simulator.requests(), []);
  });
}
