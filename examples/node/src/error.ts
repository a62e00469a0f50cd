/** The one error that calls reject with. */

import type { Output } from "./types.js";
import type { Error as ErrorRecord, ErrorKind } from "./generated/interfaces/virustotal-hunting-types.js";
import type { ResponseInfo } from "./generated/interfaces/virustotal-hunting-diagnostics.js";

/** Beside what failed: the answer that said so, and where a list can be read on. */
export interface ErrorContext {
  response?: Output<ResponseInfo> | undefined;
  cursor?: string | undefined;
  cause?: unknown;
}

/**
 * Why an action failed, and what to do next. Branch on `kind` and `retryable`. Never contains the API key.
 *
 * Beside the contract's codes there are five of this package, of the kind `other` with `status` absent: `Busy`,
 * `Closed`, `WorkerDied`, `Trap` and `InvalidResult`.
 */
export class HuntingError extends Error {
  override readonly name = "HuntingError";
  /** The kind of failure: `invalid-argument`, `not-found`, `rate-limited`, …. */
  readonly kind: ErrorKind;
  /** VirusTotal's own code (`NotFoundError`), or the component's (`DeadlineExceeded`). Open: more may appear. */
  readonly code: string;
  /** The HTTP status. Absent when no answer came. */
  readonly status: number | undefined;
  /** Seconds to wait before the next attempt, as VirusTotal asked. */
  readonly retryAfter: number | undefined;
  /** True only if the very same call may succeed later, and repeating it cannot act twice. */
  readonly retryable: boolean;
  /** Status and headers of the call's last answer, where there was one. */
  readonly response: Output<ResponseInfo> | undefined;
  /** From an iterator: the `cursor` that goes on behind the last object it gave. */
  readonly cursor: string | undefined;

  constructor(record: ErrorRecord, context: ErrorContext = {}) {
    super(record.message, context.cause === undefined ? undefined : { cause: context.cause });
    this.kind = record.kind;
    this.code = record.code;
    this.status = record.status;
    this.retryAfter = record.retryAfter;
    this.retryable = record.retryable;
    this.response = context.response;
    this.cursor = context.cursor;
  }
}

/** An argument that is wrong, found before anything was sent. */
export function invalidArgument(message: string): HuntingError {
  return new HuntingError({ kind: "invalid-argument", code: "InvalidArgument", message, retryable: false });
}

/** An option that is wrong. */
export function invalidOption(message: string, code = "InvalidSetting"): HuntingError {
  return new HuntingError({ kind: "configuration", code, message, retryable: false });
}

/** A failure of this package's own, with a code of its own. */
export function failure(code: string, message: string, retryable = false): HuntingError {
  return new HuntingError({ kind: "other", code, message, retryable });
}
