// Every action of the contract does its work through the package. The last test counts that none was left out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hunting } from "virustotal-hunting";
import { contract } from "../dist/generated/contract.js";
import { RULES, Simulator, rejection } from "./support/simulator.mjs";

/** The simulator's only group. */
const GROUP = "simulated-lab";
const called = new Set();
let simulator;
let own;
let hunting;
let user;

before(async () => {
  simulator = await Simulator.open();
  own = new Hunting({ apiKey: simulator.key, url: simulator.url });
  hunting = new Proxy(own, {
    get: (target, name) => {
      called.add(name);
      const value = target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  user = await simulator.user();
});

after(async () => {
  await own.close();
  await simulator.end();
});

test("a livehunt ruleset is created, found, read, changed, shared, given away and deleted", async () => {
  const wanted = { name: "node", rules: RULES, enabled: true, limit: 7 };
  const { id, name, limit, notificationEmails, creationDate } = await hunting.createLivehuntRuleset(wanted);
  assert.deepEqual({ name, limit, notificationEmails }, { name: "node", limit: 7, notificationEmails: [] });
  assert.equal(typeof creationDate, "number");
  assert.deepEqual((await hunting.reconcileLivehuntRuleset(wanted, creationDate)).map((one) => one.id), [id]);
  assert.ok((await hunting.getLivehuntRulesets({ limit: 40 })).items.some((one) => one.id === id));
  const [request] = (await simulator.requests()).filter((one) => one.method === "POST");
  assert.deepEqual(JSON.parse(request.body).data.attributes.limit, 7);

  const changed = await hunting.updateLivehuntRuleset(id, { name: "node 2", notificationEmails: ["soc@lab.example"] });
  assert.deepEqual([changed.name, changed.notificationEmails, changed.limit], ["node 2", ["soc@lab.example"], 7]);
  assert.equal((await hunting.getLivehuntRuleset(id)).name, "node 2");

  assert.equal(await hunting.addLivehuntRulesetEditors(id, [{ editorType: "group", id: GROUP }]), undefined);
  assert.equal(await hunting.checkLivehuntRulesetEditor(id, GROUP), true);
  const editors = await hunting.getLivehuntRulesetEditors(id, { limit: 5 });
  assert.deepEqual(editors.items.map(({ objectType, id }) => [objectType, id]), [["group", GROUP]]);
  assert.equal((await hunting.getLivehuntRulesetOwner(id)).id, user);
  const shared = await hunting.getLivehuntRulesets({ limit: 40, relationships: ["owner", "editors"] });
  const { owner, editors: named } = shared.items.find((one) => one.id === id);
  assert.deepEqual([owner, named], [{ objectType: "user", id: user }, [{ objectType: "group", id: GROUP }]]);
  assert.equal(await hunting.removeLivehuntRulesetEditor(id, GROUP), undefined);
  assert.equal(await hunting.checkLivehuntRulesetEditor(id, GROUP), false);

  await hunting.deleteLivehuntRuleset(id);
  assert.equal((await rejection(hunting.getLivehuntRuleset(id))).kind, "not-found");
  const given = await hunting.createLivehuntRuleset(wanted);
  assert.equal((await rejection(hunting.transferLivehuntRuleset(given.id, "nobody"))).kind, "not-found");
  const all = await hunting.deleteAllLivehuntRulesets(user);
  assert.equal((await hunting.getOperation(all.id)).id, all.id);
  await simulator.control("POST", "clock/advance?seconds=60");
});

test("livehunt notifications are listed, read, followed and deleted", async () => {
  const { id } = await hunting.createLivehuntRuleset({ name: "feed", rules: RULES, enabled: true });
  const start = await hunting.pollLivehuntNotifications();
  assert.deepEqual(start.items, []);
  await simulator.control("POST", "clock/advance?seconds=60");
  const { notifications } = await simulator.control("POST", "feed/advance?samples=24");
  assert.ok(notifications > 0);
  const { items, page } = await hunting.getLivehuntNotifications({ limit: 40, countLimit: 10_000 });
  assert.ok(items.length >= notifications && page.count >= notifications);
  assert.equal(items[0].ruleName, "Simulated_Loader");
  assert.equal((await hunting.getLivehuntNotification(items[0].id)).fileSha256, items[0].fileSha256);
  assert.ok((await hunting.getLivehuntNotificationFiles({ limit: 5 })).items.length > 0);
  assert.ok((await hunting.getLivehuntRulesetNotificationFiles(id, { descriptorsOnly: true })).items.length > 0);
  const step = await hunting.pollLivehuntNotifications(start.checkpoint, {}, { items: 1000 });
  assert.equal(step.items.length, notifications);

  const snippet = await hunting.parseSnippet(items[0].snippet);
  const [{ start: first, end }] = snippet.highlights;
  assert.equal(Buffer.from(snippet.bytes.subarray(first, end)).toString(), "SIMULATED-LOADER");

  await hunting.deleteLivehuntNotification(items[0].id);
  await hunting.deleteLivehuntNotifications("everything");
  assert.equal((await hunting.getLivehuntNotifications()).items.length, 0);
});

test("a retrohunt job is created, found, watched, read, aborted and deleted", async () => {
  const job = { rules: RULES, corpus: "goodware", timeRange: { start: 1_500_000_000, end: 1_900_000_000n } };
  const { id, creationDate, timeRange } = await hunting.createRetrohuntJob(job);
  assert.deepEqual(timeRange, { start: 1_500_000_000, end: 1_900_000_000 });
  assert.deepEqual((await hunting.reconcileRetrohuntJob(job, creationDate)).map((one) => one.id), [id]);
  assert.deepEqual((await hunting.getRetrohuntJobs({ limit: 1 })).items.map((one) => one.id), [id]);
  assert.equal((await hunting.checkRetrohuntJob(id)).done, false);
  await simulator.control("POST", "clock/advance?seconds=600");
  assert.equal((await hunting.checkRetrohuntJob(id)).done, true);
  assert.equal((await hunting.getRetrohuntJob(id)).status, "finished");
  assert.ok(Array.isArray((await hunting.getRetrohuntJobMatches(id, { limit: 5 })).items));
  const other = await hunting.createRetrohuntJob({ rules: RULES });
  await hunting.abortRetrohuntJob(other.id);
  assert.match((await hunting.getRetrohuntJob(other.id)).status, /^abort/);
  await hunting.deleteRetrohuntJob(id);
  assert.equal((await rejection(hunting.getRetrohuntJob(id))).code, "NotFoundError");
});

test("the IoC stream is listed, read, followed and deleted", async () => {
  await simulator.control("POST", "ioc_stream/add?count=50");
  const { items } = await hunting.getIocStreamObjects({ limit: 45, descriptorsOnly: true });
  assert.equal(items.length, 45);
  const { notificationId } = items[0];
  assert.equal((await hunting.getIocStreamNotification(notificationId)).id, notificationId);
  const step = await hunting.pollIocStream(undefined, { since: 0, descriptorsOnly: true });
  assert.ok(step.items.length >= 50 && step.checkpoint.length > 0);
  // From the beginning of time: all but the last 7 days is gone.
  assert.equal(Number(step.gap.since), 0);
  const next = await hunting.pollIocStream(step.checkpoint, { descriptorsOnly: true });
  assert.equal(next.gap, undefined);
  await hunting.deleteIocStreamNotification(notificationId);
  await hunting.deleteIocStreamObjects("everything");
  await simulator.control("POST", "clock/advance?seconds=60");
  assert.equal((await hunting.getIocStreamObjects()).items.length, 0);
});

test("the account and published rules are read", async () => {
  assert.equal((await hunting.getAccount(user)).id, user);
  const { quotas } = await hunting.getAccountQuotas(user);
  assert.ok(quotas.some((one) => one.name === "intelligence_hunting_rules" && Number.isSafeInteger(one.remaining)));
  assert.ok(Array.isArray((await hunting.getAccountUsage(user)).daily));
  const { items } = await hunting.getCrowdsourcedYaraRules({ limit: 2 });
  assert.equal((await hunting.getCrowdsourcedYaraRule(items[0].id)).id, items[0].id);
});

test("the last answer is that of the call that ended last, and withResponse gives each call its own", async () => {
  await rejection(hunting.getRetrohuntJob("nobody-1"));
  assert.equal((await hunting.lastResponse()).statusCode, 404);
  const [found, missing] = await Promise.all([
    own.withResponse.getAccount(user),
    rejection(own.withResponse.getRetrohuntJob("nobody-1")),
  ]);
  assert.deepEqual([found.value.id, found.response.statusCode, missing.response.statusCode], [user, 200, 404]);
  assert.ok(found.response.headers.some(([name]) => name === "content-type"));
  assert.equal((await own.withResponse.parseSnippet("41")).response, undefined);
});

test("an integer that no number holds stays a bigint", async () => {
  const attributes = { scanned_bytes: "18446744073709551615", creation_date: 1_760_000_000 };
  const body = { data: { type: "retrohunt_job", id: "alice-1", attributes } };
  await simulator.fault("intelligence/retrohunt_jobs/alice-1", { respond: { status: 200, headers: [], body } });
  const job = await hunting.getRetrohuntJob("alice-1");
  assert.equal(job.scannedBytes, 18_446_744_073_709_551_615n);
  assert.equal(job.creationDate, 1_760_000_000);
  await simulator.reset();
});

test("no action of the contract was left out", () => {
  assert.deepEqual(Object.keys(contract).filter((name) => !called.has(name)), []);
  assert.equal(Object.keys(contract).length, 41);
});
