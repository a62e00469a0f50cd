/** What the main thread and a worker say to each other. */

import type { Error as ErrorRecord } from "./generated/interfaces/virustotal-hunting-types.js";
import type { ResponseInfo } from "./generated/interfaces/virustotal-hunting-diagnostics.js";

/** What a worker starts with. */
export interface Start {
  /** The component's environment: its settings, the key among them. */
  environment: readonly (readonly [string, string])[];
  /** The component's compiled modules by file name. */
  modules: ReadonlyMap<string, WebAssembly.Module>;
}

/** One call. */
export interface Request {
  interface: string;
  action: string;
  arguments: readonly unknown[];
}

/** How it ended. */
export type Reply =
  | { value: unknown; response: ResponseInfo | undefined }
  | { error: ErrorRecord; response: ResponseInfo | undefined }
  /** The component broke off, and cannot be called again. */
  | { trap: string };
