// The simulator of VirusTotal that the tests run against: the one that VT_URL and VT_APIKEY name (`cargo xtask test --only
// node` starts it), else one of their own, from VT_SIMULATOR or the repository's target folder.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BUILT = fileURLToPath(new URL("../../../../target/debug/vt-simulator", import.meta.url));

export class Simulator {
  #child;

  constructor({ url, key, https, child }) {
    this.url = url;
    this.key = key;
    this.https = https;
    this.#child = child;
  }

  /** The shared one, with no faults and no requests on record. */
  static async open() {
    const { VT_URL: url, VT_APIKEY: key } = process.env;
    const simulator = url && key ? new Simulator({ url, key }) : await Simulator.start();
    await simulator.reset();
    return simulator;
  }

  /** One of the test's own. */
  static async start(...options) {
    const program = process.env.VT_SIMULATOR ?? (process.platform === "win32" ? `${BUILT}.exe` : BUILT);
    if (!existsSync(program)) {
      throw new Error(`there is no ${program}: run \`cargo build -p virustotal-hunting-simulator\`, or name it in VT_SIMULATOR`);
    }
    const child = spawn(program, ["--json", ...options], { stdio: ["ignore", "pipe", "inherit"] });
    const failed = Promise.race([
      once(child, "error").then(([error]) => Promise.reject(error)),
      once(child, "exit").then(([code]) => Promise.reject(new Error(`the simulator ended with ${code}`))),
    ]);
    failed.catch(() => {});
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), failed]);
    const { http, https, key } = JSON.parse(line);
    process.once("exit", () => child.kill());
    return new Simulator({ url: http, key, https, child });
  }

  /** Sends a control request. */
  async control(method, path, body) {
    const answer = await fetch(`${this.url}/_simulator/${path}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async reset() {
    await this.control("DELETE", "faults");
    await this.control("DELETE", "requests");
  }

  /** Lets something go wrong for requests to `path`, below `/api/v3/`. */
  fault(path, action, more = {}) {
    return this.control("POST", "faults", [{ path: `/api/v3/${path}`, action, ...more }]);
  }

  async requests() {
    return (await this.control("GET", "requests")).requests;
  }

  /** Waits until `count` requests have arrived. */
  async arrived(count) {
    const until = Date.now() + 600_000;
    for (;;) {
      const requests = await this.requests();
      if (requests.length >= count) return requests;
      if (Date.now() > until) throw new Error(`${requests.length} of ${count} requests arrived`);
    }
  }

  /** The first user's name. */
  async user() {
    return (await this.control("GET", "state")).users[0].user;
  }

  /** Ends it, if it is the test's own. */
  async end() {
    if (this.#child === undefined || this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}

/** Matches two of every three of the simulator's PE files. */
export const RULES = `rule Simulated_Loader : loader pe
{
    strings:
        $marker = "SIMULATED-LOADER"
    condition:
        $marker
}
`;

/** The rejection of `promise`. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call should have been rejected");
}
