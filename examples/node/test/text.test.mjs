// Text of every plane of Unicode comes back as it went, byte for byte, and what is no text is refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Hunting } from "virustotal-hunting";
import { Simulator, rejection } from "./support/simulator.mjs";

let simulator;
let hunting;

before(async () => {
  simulator = await Simulator.open();
  hunting = new Hunting({ apiKey: simulator.key, url: simulator.url, workers: 1 });
});
after(async () => {
  await hunting.close();
  await simulator.end();
});

const PLANES = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0xf000));
const TEXTS = {
  "every plane": PLANES.join(""),
  "the last code point": "\u{10FFFF}",
  "beside the surrogates": "\uD7FF\uE000\uFFFD\uFFFF",
  "emoji of several code points": "👩🏽‍💻🏴󠁧󠁢󠁳󠁣󠁴󠁿🇩🇪",
  "combining marks, not composed": "e\u0301 a\u0308 \u1100\u1161\u11A8",
  "right to left": "שלום עולם \u202Eمرحبا\u202C",
  "a byte order mark and a zero width space": "\uFEFFa\u200Bb",
  "quotes, backslashes and control characters": '"\\\u0001\t\n\r\u007F\u0085\u2028\u2029',
};

for (const [what, text] of Object.entries(TEXTS)) {
  test(`a name and rules with ${what} come back byte for byte`, async () => {
    const rules = `// ${text.replace(/[\n\r]/g, " ")}\nrule text { condition: false }`;
    const created = await hunting.createLivehuntRuleset({ name: text, rules });
    const read = await hunting.getLivehuntRuleset(created.id);
    for (const [got, sent] of [[created.name, text], [read.name, text], [read.rules, rules]]) {
      assert.deepEqual(Buffer.from(got), Buffer.from(sent));
    }
    assert.equal(JSON.parse(read.json).attributes.name, text);
  });
}

const HALVES = { "a high half alone": "a\uD83D", "a low half alone": "\uDE00b", "halves in the wrong order": "\uDE00\uD83D" };
for (const [what, text] of Object.entries(HALVES)) {
  test(`${what} is refused by name, and nothing is sent`, async () => {
    await simulator.reset();
    const error = await rejection(hunting.createLivehuntRuleset({ name: text, rules: "x" }));
    assert.equal(error.kind, "invalid-argument");
    assert.match(error.message, /ruleset\.name has half of a surrogate pair, as character [12], which UTF-8 cannot hold/);
    assert.deepEqual(await simulator.requests(), []);
  });
}

test("rules of a megabyte arrive, and one byte more is refused", async () => {
  const [start, end] = ["// ", "\nrule big { condition: false }"];
  const rules = start + "é".repeat((1_048_576 - start.length - end.length) >> 1) + end;
  const created = await hunting.createLivehuntRuleset({ name: "big", rules });
  assert.equal((await hunting.getLivehuntRuleset(created.id)).rules, rules);
  assert.equal((await rejection(hunting.createLivehuntRuleset({ name: "big", rules: `${rules}ab` }))).kind, "invalid-argument");
});

test("a result of many megabytes arrives whole, over several requests", async () => {
  await simulator.control("POST", "ioc_stream/add?count=300");
  const { value, response } = await hunting.withResponse.getIocStreamObjects({ limit: 300 });
  assert.equal(value.items.length, 300);
  assert.ok(response.attempts >= 8);
  const bytes = value.items.reduce((sum, item) => sum + Buffer.byteLength(item.json), 0);
  assert.ok(bytes > 4_000_000, `${bytes} bytes`);
  for (const item of value.items) assert.equal(JSON.parse(item.json).id, item.id);
});
