// Lists are read object by object to their end, and what is new is followed step by step from a checkpoint.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Hunting, HuntingError } from "virustotal-hunting";
import { contract } from "../dist/generated/contract.js";
import { Simulator, rejection } from "./support/simulator.mjs";

const STREAM = "ioc_stream";
let simulator;
let hunting;

async function collect(iterator, into = []) {
  for await (const item of iterator) into.push(item);
  return into;
}

const ids = (items) => items.map((item) => item.notificationId);

before(async () => {
  simulator = await Simulator.open();
  await simulator.control("POST", "ioc_stream/add?count=90");
});
beforeEach(async () => {
  await simulator.reset();
  hunting = new Hunting({ apiKey: simulator.key, url: simulator.url, retries: 0, workers: 1 });
});
afterEach(() => hunting.close());
after(() => simulator.end());

test("there is an iterator for every list of the contract", () => {
  const listings = Object.entries(contract).filter(([, action]) => action.listing);
  assert.equal(listings.length, 9);
  for (const [name] of listings) {
    const iterator = name.charAt(3).toLowerCase() + name.slice(4);
    assert.equal(typeof hunting[iterator], "function", iterator);
  }
});

test("a list is read to its end, each object once, 40 a request", async () => {
  const whole = await hunting.getIocStreamObjects({ limit: 1000, descriptorsOnly: true });
  await simulator.reset();
  const items = await collect(hunting.iocStreamObjects({ descriptorsOnly: true }));
  assert.deepEqual(ids(items), ids(whole.items));
  assert.ok(items.length >= 90);
  const requests = await simulator.requests();
  assert.equal(requests.length, Math.ceil(items.length / 40));
  assert.ok(requests.every((request) => request.query.includes("limit=40")));
});

test("a limit is for all objects together, and whoever leaves early asks for no more pages", async () => {
  assert.equal((await collect(hunting.iocStreamObjects({ limit: 50, descriptorsOnly: true }))).length, 50);
  await simulator.reset();
  for await (const item of hunting.iocStreamObjects({ descriptorsOnly: true })) {
    assert.ok(item.id);
    break;
  }
  assert.equal((await simulator.requests()).length, 1);
});

test("a cursor starts in the middle, and an id comes before the query", async () => {
  const { items, page } = await hunting.getIocStreamObjects({ limit: 10, descriptorsOnly: true });
  const rest = await collect(hunting.iocStreamObjects({ descriptorsOnly: true, cursor: page.cursor, limit: 5 }));
  assert.ok(!ids(items).includes(rest[0].notificationId));
  assert.equal((await rejection(collect(hunting.retrohuntJobMatches("nobody-1")))).kind, "not-found");
});

test("a failure in the middle comes after what was read, with the cursor to go on from", async () => {
  const whole = await collect(hunting.iocStreamObjects({ descriptorsOnly: true }));
  await simulator.fault(STREAM, { status: { code: 503 } }, { query: "cursor=", times: 1 });
  const read = [];
  const error = await rejection(collect(hunting.iocStreamObjects({ descriptorsOnly: true }), read));
  assert.ok(error instanceof HuntingError);
  assert.deepEqual([error.kind, read.length], ["unavailable", 40]);
  const rest = await collect(hunting.iocStreamObjects({ descriptorsOnly: true, cursor: error.cursor }));
  assert.deepEqual(ids([...read, ...rest]), ids(whole));
});

test("an incomplete page gives its objects first, then its error, then nothing", async () => {
  // A page of fewer than were asked for has the component ask again, and that fails.
  const own = await Simulator.start("--ignores-limit", "15");
  await own.control("POST", "ioc_stream/add?count=60");
  await own.fault(STREAM, "quota", { after: 1, times: 1 });
  const other = new Hunting({ apiKey: own.key, url: own.url, retries: 0 });
  const read = [];
  const error = await rejection(collect(other.iocStreamObjects({ descriptorsOnly: true }), read));
  assert.deepEqual([error.kind, read.length, typeof error.cursor], ["quota-exceeded", 15, "string"]);
  const rest = await collect(other.iocStreamObjects({ descriptorsOnly: true, cursor: error.cursor }));
  const whole = await other.getIocStreamObjects({ limit: 1000, descriptorsOnly: true });
  assert.deepEqual(ids([...read, ...rest]), ids(whole.items));
  await other.close();
  await own.end();
});

test("an abort ends an iteration", async () => {
  const leave = new AbortController();
  const read = [];
  const error = await rejection(
    (async () => {
      for await (const item of hunting.iocStreamObjects({ descriptorsOnly: true }, { signal: leave.signal })) {
        read.push(item);
        if (read.length === 40) leave.abort();
      }
    })(),
  );
  assert.deepEqual([error.name, read.length], ["AbortError", 40]);
});

test("what is new is followed, each once, and goes on from a stored checkpoint", async () => {
  const query = { descriptorsOnly: true };
  const steps = hunting.followIocStream({ query, interval: 0 });
  const first = await steps.next();
  assert.deepEqual(first.value.items, []);
  await simulator.control("POST", "clock/advance?seconds=60");
  const { ids: added } = await simulator.control("POST", "ioc_stream/add?count=3");
  const seen = [];
  let checkpoint;
  for await (const batch of steps) {
    seen.push(...ids(batch.items));
    checkpoint = batch.checkpoint;
    if (seen.length >= 3) break;
  }
  assert.deepEqual(seen.sort(), added.map(String).sort());

  await simulator.control("POST", "clock/advance?seconds=60");
  const { ids: later } = await simulator.control("POST", "ioc_stream/add?count=2");
  for await (const batch of hunting.followIocStream({ checkpoint, query, interval: 0 })) {
    assert.deepEqual(ids(batch.items).sort(), later.map(String).sort());
    break;
  }
});

test("a step that may be repeated is, and one that may not ends the following", async () => {
  await simulator.fault(STREAM, { rate_limit: { retry_after: "0" } }, { times: 2 });
  const waited = [];
  const steps = hunting.followIocStream({ query: { descriptorsOnly: true }, interval: 0, onRetry: (error) => waited.push(error.kind) });
  assert.ok((await steps.next()).value.checkpoint);
  assert.deepEqual(waited, ["rate-limited", "rate-limited"]);
  await simulator.fault(STREAM, { status: { code: 403 } });
  assert.equal((await rejection(steps.next())).kind, "forbidden");
});

test("an abort ends the wait between two steps", async () => {
  const leave = new AbortController();
  const steps = hunting.followLivehuntNotifications({ interval: 3600, signal: leave.signal });
  await steps.next();
  const next = rejection(steps.next());
  leave.abort();
  assert.equal((await next).name, "AbortError");
  assert.match((await rejection(hunting.followIocStream({ interval: -1 }).next())).message, /interval must be/);
});
