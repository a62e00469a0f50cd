/**
 * One worker thread: one instance of the component, and one call at a time. Under preview2-shim a call blocks its thread
 * until it ends, so it must not be the thread that everything else runs on.
 */

import { parentPort, workerData } from "node:worker_threads";
import { monotonicClock } from "@bytecodealliance/preview2-shim/clocks";
import { types } from "@bytecodealliance/preview2-shim/http";
import { error, poll, streams } from "@bytecodealliance/preview2-shim/io";
import { type Connector, type ImportObject, instantiate } from "./generated/component.js";
import type { Error as ErrorRecord } from "./generated/interfaces/virustotal-hunting-types.js";
import { handler } from "./outgoing.js";
import type { Reply, Request, Start } from "./protocol.js";

/** The interfaces whose functions send nothing, and so have no answer to tell of. */
const SENDS_NOTHING: ReadonlySet<string> = new Set(["snippets", "diagnostics"]);

const start = workerData as Start;
const port = parentPort;
if (port === null) throw new Error("this file is started by the package itself, as a worker");

// All that the component can do to the outside. jco asks for the names without their versions.
const imports = {
  "wasi:cli/environment": { getEnvironment: () => start.environment },
  "wasi:clocks/monotonic-clock": monotonicClock,
  "wasi:http/outgoing-handler": handler,
  "wasi:http/types": types,
  "wasi:io/error": error,
  "wasi:io/poll": poll,
  "wasi:io/streams": streams,
} as unknown as ImportObject;

const component: Connector = await instantiate((name) => {
  const module = start.modules.get(name);
  if (module === undefined) throw new Error(`the package has no ${name}: build it again`);
  return module;
}, imports);

port.on("message", (request: Request) => port.postMessage(call(request)));

function call(request: Request): Reply {
  const exported = component as unknown as Record<string, Record<string, (...args: readonly unknown[]) => unknown>>;
  const run = exported[request.interface]?.[request.action];
  if (run === undefined) return { trap: `the component has no ${request.interface}.${request.action}` };
  const response = () => (SENDS_NOTHING.has(request.interface) ? undefined : component.diagnostics.lastResponse());
  try {
    const value = run(...request.arguments);
    return { value, response: response() };
  } catch (thrown) {
    // jco throws the contract's error as the payload of one of its own.
    const payload = (thrown as { payload?: ErrorRecord }).payload;
    if (payload?.kind !== undefined) return { error: { ...payload }, response: response() };
    return { trap: thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown) };
  }
}
