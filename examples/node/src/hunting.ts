/** `Hunting`: the component's actions as promises, its lists and what can be followed as async iterators. */

import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import { contract } from "./generated/contract.js";
import type { Error as ErrorRecord } from "./generated/interfaces/virustotal-hunting-types.js";
import type { ResponseInfo } from "./generated/interfaces/virustotal-hunting-diagnostics.js";
import { check } from "./arguments.js";
import type { Action } from "./contract.js";
import { HuntingError, invalidArgument } from "./error.js";
import { type HuntingOptions, configure } from "./options.js";
import { Pool } from "./pool.js";
import { plain } from "./results.js";
import type { Actions, ActionsWithResponse, CallOptions, Followers, FollowOptions, Iterators, Output, WithResponse } from "./types.js";

/** Objects that an iterator asks for at a time: VirusTotal's most for one request. */
const PAGE = 40;
/** Seconds to wait before a step of following is repeated, unless VirusTotal says how many. */
const RETRY = 30;

interface Batch {
  items: unknown[];
  checkpoint: string;
  more: boolean;
  incomplete?: ErrorRecord;
}

interface Page {
  items: unknown[];
  page: { cursor?: string; incomplete?: ErrorRecord };
}

export interface Hunting extends Actions, Iterators, Followers {}

/**
 * One configuration of the component. Every action of the contract is a method that gives a promise; calls run in worker
 * threads, so none blocks the event loop. Calls cannot see each other's answers.
 */
export class Hunting {
  readonly #pool: Pool;
  readonly #shown: Record<string, unknown>;
  #lastResponse: Output<ResponseInfo> | undefined;

  /**
   * Every action once more, as a promise of `{ value, response }`: what it gave, and status and headers of the answer it
   * came in. An error has its `response` in any case.
   */
  readonly withResponse: ActionsWithResponse;

  constructor(options: HuntingOptions) {
    const configuration = configure(options);
    this.#pool = new Pool(configuration);
    this.#shown = shown(options, configuration.workers);
    const names = Object.entries(contract).filter(([name]) => name !== "lastResponse");
    const methods = names.map(([name, action]) => [name, (...given: unknown[]) => this.#call(name, action, given)]);
    this.withResponse = Object.freeze(Object.fromEntries(methods)) as ActionsWithResponse;
    // Not enumerable: a log of a Hunting is about its settings.
    Object.defineProperty(this, "withResponse", { enumerable: false });
  }

  /**
   * Ends all calls and all threads. What waits or runs is rejected with the code `Closed`; so is every later call. Not
   * needed for the process to end: idle threads do not keep it alive.
   */
  close(): Promise<void> {
    return this.#pool.close();
  }

  /** `await using hunting = new Hunting(…)`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** How many threads there are, and how many calls run and wait. */
  get counts(): { workers: number; running: number; queued: number } {
    return this.#pool.counts();
  }

  [inspect.custom](_depth: number, options: object, show: typeof inspect): string {
    return `Hunting ${show(this.#shown, options)}`;
  }

  /** One call, checked here and run in a thread. */
  async #call(name: string, action: Action, given: unknown[]): Promise<WithResponse<unknown>> {
    const count = action.parameters.length;
    const signal = callOptions(name, count, given).signal;
    const values = check(name, action, given.slice(0, count));
    const reply = await this.#pool.run({ interface: action.interface, action: name, arguments: values }, signal);
    const response = plain(reply.response);
    this.#lastResponse = response;
    if ("error" in reply) throw new HuntingError(reply.error, { response });
    return { value: plain(reply.value), response };
  }

  static {
    const method = (name: string, run: (this: Hunting, ...given: unknown[]) => unknown) => {
      Object.defineProperty(run, "name", { value: name });
      Object.defineProperty(this.prototype, name, { value: run, writable: true, configurable: true });
    };
    for (const [name, action] of Object.entries(contract)) {
      if (name === "lastResponse") continue;
      method(name, async function (...given) {
        return (await this.#call(name, action, given)).value;
      });
      if (action.listing) {
        method(uncapitalized(name.replace(/^get/, "")), function (...given) {
          return this.#list(name, action, given);
        });
      }
      if (name.startsWith("poll")) {
        method(name.replace(/^poll/, "follow"), function (options) {
          return this.#follow(name, action, options as FollowOptions<unknown, unknown> | undefined);
        });
      }
    }
    // An instance's last answer means nothing where there are several: it is that of the call that ended last.
    method("lastResponse", async function () {
      return this.#lastResponse;
    });
  }

  /** A list, object by object, to its end or to `query.limit` objects. */
  async *#list(name: string, action: Action, given: unknown[]): AsyncGenerator<unknown, void, undefined> {
    const count = action.parameters.length;
    const options = callOptions(name, count, given);
    const [query, ...before] = check(name, action, given.slice(0, count)).reverse() as [Record<string, unknown>, ...unknown[]];
    before.reverse();
    let left = (query["limit"] as number | undefined) ?? Number.POSITIVE_INFINITY;
    if (left === 0) throw invalidArgument(`${name}: query.limit must be at least 1`);
    let cursor = query["cursor"] as string | undefined;
    do {
      const asked = { ...query, limit: Math.min(left, PAGE), cursor };
      const { value, response } = await this.#call(name, action, [...before, asked, options]).catch((error: unknown) => {
        throw error instanceof HuntingError ? new HuntingError(error, { ...error, cursor }) : error;
      });
      const { items, page } = value as Page;
      yield* items;
      left -= items.length;
      cursor = page.cursor;
      if (page.incomplete !== undefined) throw new HuntingError(page.incomplete, { response, cursor });
    } while (cursor !== undefined && left > 0);
  }

  /** Step after step, for ever: until it is left, aborted, or fails in a way that waiting does not mend. */
  async *#follow(
    name: string,
    action: Action,
    { checkpoint, query, budget, interval = 60, signal, onRetry }: FollowOptions<unknown, unknown> = {},
  ): AsyncGenerator<unknown, never, undefined> {
    if (!Number.isFinite(interval) || interval < 0 || interval > 86_400) {
      throw invalidArgument(`${name}: interval must be a number of seconds from 0 to 86400`);
    }
    // The process lives as long as somebody follows.
    const wait = (seconds: number) => delay(seconds * 1000, undefined, signal === undefined ? {} : { signal });
    for (;;) {
      let batch: Batch;
      try {
        batch = (await this.#call(name, action, [checkpoint, query, budget, { signal }])).value as Batch;
      } catch (error) {
        if (!(error instanceof HuntingError) || !error.retryable) throw error;
        onRetry?.(error);
        await wait(error.retryAfter ?? Math.min(interval, RETRY));
        continue;
      }
      yield batch;
      checkpoint = batch.checkpoint;
      if (batch.incomplete !== undefined) await wait(batch.incomplete.retryAfter ?? Math.min(interval, RETRY));
      else if (!batch.more) await wait(interval);
    }
  }
}

/** What a log may say of the options: not the key, not even where it was put by mistake. */
function shown({ apiKey, ...rest }: HuntingOptions, workers: number): Record<string, unknown> {
  const redacted = (value: unknown) => (typeof value === "string" && apiKey ? value.replaceAll(apiKey, "[redacted]") : value);
  return Object.fromEntries(Object.entries({ ...rest, workers }).map(([name, value]) => [name, redacted(value)]));
}

/** What is given behind an action's own arguments. */
function callOptions(name: string, count: number, given: unknown[]): CallOptions {
  if (given.length > count + 1) throw invalidArgument(`${name} takes ${count} arguments and options, not ${given.length}`);
  const options = given[count] ?? {};
  if (typeof options !== "object") throw invalidArgument(`${name}: options must be an object`);
  for (const key of Object.keys(options)) {
    if (key !== "signal") throw invalidArgument(`${name}: there is no option ${JSON.stringify(key)}; there is signal`);
  }
  const { signal } = options as CallOptions;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidArgument(`${name}: signal must be an AbortSignal`);
  return options;
}

function uncapitalized(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
