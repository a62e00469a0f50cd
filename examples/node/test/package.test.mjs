// What would be published: nothing but the package, and it works where it is installed, with the README's own example.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Simulator } from "./support/simulator.mjs";

const home = fileURLToPath(new URL("..", import.meta.url));
let folder;
let simulator;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vt-hunting-"));
  simulator = await Simulator.open();
});
after(async () => {
  await simulator.end();
  await rm(folder, { recursive: true });
});

async function run(program, given, cwd, environment = {}) {
  const options = { cwd, env: { ...process.env, ...environment }, timeout: 600_000, shell: process.platform === "win32" };
  return (await promisify(execFile)(program, given, options)).stdout;
}

const packed = async (...flags) => JSON.parse(await run("npm", ["pack", "--json", ...flags], home))[0];

test("the package holds the component, the compiled sources and their types, and nothing else", async () => {
  const { name, files } = await packed("--dry-run");
  assert.equal(name, "virustotal-hunting");
  const paths = files.map((file) => file.path);
  const expected = [/^(package\.json|README\.md|LICENSE)$/, /^dist\/[a-z]+\.(js|d\.ts)$/, /^dist\/generated\/[a-z]+\.(js|d\.ts)$/,
    /^dist\/generated\/component\.core\d?\.wasm$/, /^dist\/generated\/interfaces\/virustotal-hunting-[a-z-]+\.d\.ts$/];
  assert.deepEqual(paths.filter((path) => !expected.some((form) => form.test(path))), []);
  for (const needed of ["LICENSE", "README.md", "dist/index.js", "dist/index.d.ts", "dist/worker.js", "dist/generated/component.js",
    "dist/generated/component.core.wasm", "dist/generated/records.d.ts", "dist/generated/interfaces/virustotal-hunting-types.d.ts"]) {
    assert.ok(paths.includes(needed), needed);
  }
});

test("neither the lock file nor the package names where packages come from", async () => {
  const lock = JSON.parse(await readFile(join(home, "package-lock.json"), "utf8"));
  assert.deepEqual(Object.values(lock.packages).filter((one) => one.resolved !== undefined), []);
});

test("installed into an empty folder, the README's example runs, and its types hold without the DOM's", async () => {
  const { filename } = await packed("--pack-destination", folder);
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, filename)], folder);

  const readme = await readFile(join(home, "README.md"), "utf8");
  const example = /```js\n([\s\S]*?)```/.exec(readme)[1];
  await writeFile(join(folder, "hunt.js"), example);
  await simulator.control("POST", "ioc_stream/add?count=3");
  const said = await run(process.execPath, ["hunt.js"], folder, { VT_APIKEY: simulator.key, VT_URL: simulator.url });
  assert.match(said, /^\d+ rulesets$/m);
  assert.match(said, /^(file|url|domain|ip_address) \S+$/m);

  await writeFile(join(folder, "types.ts"), await readFile(join(home, "test/types.ts")));
  const flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--module", "nodenext", "--target", "es2022"];
  const libraries = ["--lib", "es2022,esnext.disposable", "--types", "node", "--typeRoots", join(home, "node_modules/@types")];
  await run(process.execPath, [join(home, "node_modules/typescript/bin/tsc"), ...flags, ...libraries, "types.ts"], folder);
});
