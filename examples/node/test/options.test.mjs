// Options that cannot work are refused before anything starts, and the key stays where it belongs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { Hunting, HuntingError } from "virustotal-hunting";
import { Simulator, rejection } from "./support/simulator.mjs";

let simulator;
before(async () => (simulator = await Simulator.open()));
after(() => simulator.end());

const REFUSED = [
  [{ verifySsl: false }, "HostOnlySetting", /verifySsl cannot be set in Node\.js: certificates are always checked/],
  [{ httpProxy: "http://proxy.example:3128" }, "HostOnlySetting", /httpProxy cannot be set in Node\.js/],
  [{ caFile: "/ca.pem" }, "HostOnlySetting", /NODE_EXTRA_CA_CERTS/],
  [{ apikey: "x" }, "InvalidSetting", /there is no option apikey; there are apiKey, url/],
  [{ apiKey: "" }, "MissingApiKey", /apiKey is missing/],
  [{ apiKey: undefined }, "MissingApiKey", /apiKey is missing/],
  [{ timeout: "60" }, "InvalidSetting", /timeout takes a number, not a string/],
  [{ timeout: Number.NaN }, "InvalidSetting", /timeout must be a finite number/],
  [{ workers: 0 }, "InvalidSetting", /workers must be an integer from 1 to 64/],
  [{ maxQueued: -1 }, "InvalidSetting", /maxQueued must be an integer from 0/],
  [{ requestsPerMinute: 4, workers: 2 }, "InvalidSetting", /kept by each worker for itself/],
  [{ url: "https://[::1]:8443" }, "InvalidSetting", /IPv6 address/],
];

for (const [options, code, message] of REFUSED) {
  test(`${inspect(options)} is refused`, () => {
    assert.throws(() => new Hunting({ apiKey: "k", ...options }), (error) => {
      assert.ok(error instanceof HuntingError);
      assert.deepEqual([error.kind, error.code], ["configuration", code]);
      assert.match(error.message, message);
      return true;
    });
  });
}

test("the component judges what it knows better, and nothing is sent", async () => {
  for (const options of [{ url: "ftp://x" }, { retries: 11 }, { timeout: 4000 }, { requestsPerMinute: 0 }]) {
    const hunting = new Hunting({ apiKey: simulator.key, url: simulator.url, ...options });
    assert.equal((await rejection(hunting.getAccount("ann"))).code, "InvalidSetting");
    await hunting.close();
  }
});

test("a rate is kept over all calls of one Hunting", async () => {
  await simulator.reset();
  const hunting = new Hunting({ apiKey: simulator.key, url: simulator.url, requestsPerMinute: 1, timeout: 20 });
  const calls = await Promise.allSettled([1, 2, 3].map(() => hunting.getRetrohuntJobs()));
  const refused = calls.filter((call) => call.status === "rejected").map((call) => call.reason.code);
  assert.deepEqual(refused, ["RequestsPerMinute", "RequestsPerMinute"]);
  assert.equal((await simulator.requests()).length, 1);
  await hunting.close();
});

test("this process's environment does not reach the component", async () => {
  process.env.VT_HTTP_PROXY = "http://proxy.example:3128";
  process.env.VT_ACCESS = "read-only";
  const hunting = new Hunting({ apiKey: simulator.key, url: simulator.url });
  const error = await rejection(hunting.deleteRetrohuntJob("nobody-1"));
  assert.equal(error.kind, "not-found");
  await hunting.close();
  delete process.env.VT_HTTP_PROXY;
  delete process.env.VT_ACCESS;
});

test("the key is in the request's header, and nowhere else that can be seen", async () => {
  await simulator.reset();
  const { key } = simulator;
  const hunting = new Hunting({ apiKey: key, url: simulator.url, workers: 1 });
  const echo = { respond: { status: 400, headers: [["x-echo", key]], body: { error: { code: "X", message: `no ${key}` } } } };
  await simulator.fault("ioc_stream", echo);
  const error = await rejection(hunting.getIocStreamObjects());
  const [request] = await simulator.requests();
  assert.deepEqual(request.headers.find(([name]) => name === "x-apikey"), ["x-apikey", key]);
  assert.ok(!`${request.path}${request.query}${request.body}`.includes(key));

  const deep = { depth: Infinity, showHidden: true, getters: true };
  const seen = [
    inspect(hunting, deep), JSON.stringify(hunting), String(hunting), inspect(Object.getOwnPropertyDescriptors(hunting), deep),
    inspect(error, deep), JSON.stringify(error), error.stack, inspect(process.argv), inspect(await hunting.lastResponse(), deep),
    inspect(new Hunting({ apiKey: key, url: `https://x/?apikey=${key}` })),
    inspect(await rejection(new Hunting({ apiKey: `${key}\n`, url: simulator.url }).getAccount("ann")), deep),
  ];
  if (process.env.VT_APIKEY !== key) seen.push(inspect(process.env));
  for (const text of seen) assert.ok(!text.includes(key), text);
  assert.equal(inspect(hunting), `Hunting { url: '${simulator.url}', workers: 1 }`);
  await hunting.close();
});
