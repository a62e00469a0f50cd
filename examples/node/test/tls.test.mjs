// Certificates are checked whatever the environment says, and an authority of one's own is trusted as Node.js trusts it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Simulator } from "./support/simulator.mjs";

const SCRIPT = `
  import { Hunting } from "virustotal-hunting";
  const hunting = new Hunting({ apiKey: process.env.KEY, url: process.env.URL, retries: 0 });
  const outcome = await hunting.withResponse.getRetrohuntJobs().then(
    ({ response }) => ({ status: response.statusCode }),
    ({ kind, code, message, retryable }) => ({ kind, code, message, retryable }),
  );
  console.log(JSON.stringify(outcome));
`;

let folder;
let authority;
let simulator;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "vt-hunting-"));
  authority = join(folder, "ca.pem");
  simulator = await Simulator.start("--tls-ca-out", authority);
});
after(async () => {
  await simulator.end();
  await rm(folder, { recursive: true });
});

/** What a process with that environment gets of the HTTPS port. */
async function outcome(environment) {
  const env = { ...process.env, KEY: simulator.key, URL: simulator.https, ...environment };
  const options = { cwd: fileURLToPath(new URL(".", import.meta.url)), env, timeout: 600_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", SCRIPT], options);
  return JSON.parse(stdout);
}

test("a certificate of an unknown authority is refused, also with NODE_TLS_REJECT_UNAUTHORIZED=0", async () => {
  for (const environment of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }]) {
    const { kind, code, retryable, message } = await outcome(environment);
    assert.deepEqual([kind, code, retryable], ["transport", "TlsError", false], message);
  }
  assert.deepEqual(await simulator.requests(), []);
});

test("an authority in NODE_EXTRA_CA_CERTS is trusted", async () => {
  assert.deepEqual(await outcome({ NODE_EXTRA_CA_CERTS: authority }), { status: 200 });
});
