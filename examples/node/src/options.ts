/** The options of `new Hunting(…)`, and the environment that the component gets of them. */

import { invalidOption } from "./error.js";

/** How to reach VirusTotal, and how many calls at a time. What is absent has the component's default. */
export interface HuntingOptions {
  /** The API key: 1 to 1024 visible ASCII characters. Required. */
  apiKey: string | undefined;
  /** Where the API is: `scheme://host[:port][/prefix]`. Default: `https://www.virustotal.com`. */
  url?: string | undefined;
  /** Whether plain `http://` may go to other machines than this one. Default: false. */
  allowHttp?: boolean | undefined;
  /** Deadline of a whole call in seconds, 0.001 to 3600. Waiting for a worker is not part of it. Default: 60. */
  timeout?: number | undefined;
  /** Most bytes of a call's answers, after inflating: 1 to 1073741824. Default: 67108864. */
  maxResponseBytes?: number | undefined;
  /** `read-only` refuses whatever changes anything. Default: `full`. */
  access?: "full" | "read-only" | undefined;
  /** How often a call repeats what may be repeated, 0 to 10. Default: 2. */
  retries?: number | undefined;
  /** Most requests in any minute; `public` is 4, and 500 a day. With it there is one worker. Default: none. */
  requestsPerMinute?: number | "public" | undefined;
  /** Most calls at the same time, each in a thread of its own: 1 to 64. They are started as they are needed. Default: 4. */
  workers?: number | undefined;
  /** Most calls that wait for a worker: 0 to 1000000. One more is refused with the code `Busy`. Default: 1000. */
  maxQueued?: number | undefined;
}

/** The options, checked. */
export interface Configuration {
  environment: [string, string][];
  workers: number;
  maxQueued: number;
}

/** What the component knows, and under which name. What it accepts is its own affair: it says so itself. */
const SETTINGS = {
  apiKey: ["VT_APIKEY", "string"],
  url: ["VT_URL", "string"],
  allowHttp: ["VT_ALLOW_HTTP", "boolean"],
  timeout: ["VT_TIMEOUT", "number"],
  maxResponseBytes: ["VT_MAX_RESPONSE_BYTES", "number"],
  access: ["VT_ACCESS", "string"],
  retries: ["VT_RETRIES", "number"],
  requestsPerMinute: ["VT_REQUESTS_PER_MINUTE", "number or string"],
} as const;

const OWN = ["workers", "maxQueued"];

/** What other hosts have and Node.js does not, and what to do here. */
const HOST_ONLY: Readonly<Record<string, string>> = {
  verifySsl: "certificates are always checked; for an authority of one's own set NODE_EXTRA_CA_CERTS before Node.js starts",
  httpProxy: "preview2-shim knows no proxy",
  caFile: "set NODE_EXTRA_CA_CERTS before Node.js starts",
  clientCert: "preview2-shim shows no client certificate",
  clientKey: "preview2-shim shows no client certificate",
};

/** Checks what the component cannot, and writes the rest as its environment. */
export function configure(options: HuntingOptions): Configuration {
  if (typeof options !== "object" || options === null) throw invalidOption("new Hunting(…) takes an object with options");
  for (const [name, value] of Object.entries(options)) {
    if (Object.hasOwn(SETTINGS, name) || OWN.includes(name) || value === undefined) continue;
    const why = Object.hasOwn(HOST_ONLY, name) ? HOST_ONLY[name] : undefined;
    if (why !== undefined) throw invalidOption(`${name} cannot be set in Node.js: ${why}`, "HostOnlySetting");
    throw invalidOption(`there is no option ${name}; there are ${[...Object.keys(SETTINGS), ...OWN].join(", ")}`);
  }
  const environment: [string, string][] = [];
  for (const [name, [variable, type]] of Object.entries(SETTINGS)) {
    const value = options[name as keyof typeof SETTINGS];
    if (value === undefined || value === null) continue;
    if (!type.split(" or ").includes(typeof value)) throw invalidOption(`${name} takes a ${type}, not a ${typeof value}`);
    const written = typeof value === "number" ? decimal(name, value) : String(value);
    if (!written.isWellFormed()) throw invalidOption(`${name} has half of a surrogate pair in it`);
    environment.push([variable, written]);
  }
  if (!options.apiKey) {
    throw invalidOption("apiKey is missing; give VirusTotal's API key, for instance from process.env.VT_APIKEY", "MissingApiKey");
  }
  if (/^https?:\/\/\[/i.test(options.url ?? "")) {
    throw invalidOption("url has an IPv6 address, which preview2-shim cannot connect to; give a name or an IPv4 address");
  }
  const rated = options.requestsPerMinute !== undefined;
  const workers = integer("workers", options.workers ?? (rated ? 1 : 4), 1, 64);
  if (rated && workers > 1) {
    throw invalidOption("requestsPerMinute is kept by each worker for itself; with it workers must be 1, or left out");
  }
  return { environment, workers, maxQueued: integer("maxQueued", options.maxQueued ?? 1000, 0, 1_000_000) };
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidOption(`${name} must be an integer from ${least} to ${most}`);
}

/** A number without an exponent, which the component does not read. */
function decimal(name: string, value: number): string {
  if (!Number.isFinite(value)) throw invalidOption(`${name} must be a finite number`);
  const written = String(value);
  return written.includes("e") ? value.toFixed(9) : written;
}
