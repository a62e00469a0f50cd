/**
 * The worker threads of one configuration: as many as are needed and no more than allowed, a queue behind them, and a new
 * one for each that is lost.
 */

import { Worker } from "node:worker_threads";
import { failure } from "./error.js";
import { modules } from "./modules.js";
import type { Configuration } from "./options.js";
import type { Reply, Request, Start } from "./protocol.js";

const SCRIPT = new URL("./worker.js", import.meta.url);
const MAYBE_SENT = "the request may have arrived: look before repeating what changes anything";

/** A call that waits or runs. */
interface Call {
  request: Request;
  resolve(reply: Exclude<Reply, { trap: string }>): void;
  reject(reason: unknown): void;
}

/** A thread, and what it is busy with. */
interface Member {
  worker: Worker;
  call: Call | undefined;
}

export class Pool {
  readonly #configuration: Configuration;
  readonly #members = new Set<Member>();
  readonly #waiting = new Set<Call>();
  /** Ends of threads that were told to. */
  readonly #ending = new Set<Promise<unknown>>();
  #compiled: Start["modules"] | undefined;
  #isClosed = false;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** Threads that are alive, and calls that run and wait. */
  counts(): { workers: number; running: number; queued: number } {
    const running = [...this.#members].filter((member) => member.call !== undefined).length;
    return { workers: this.#members.size, running, queued: this.#waiting.size };
  }

  async run(request: Request, signal: AbortSignal | undefined): Promise<Exclude<Reply, { trap: string }>> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed("nothing was sent");
    const idle = this.#configuration.workers - this.counts().running;
    if (this.#waiting.size >= this.#configuration.maxQueued + Math.max(idle, 0)) {
      throw failure("Busy", `${this.#waiting.size} calls wait already, the most that maxQueued allows; nothing was sent`, true);
    }
    return new Promise((resolve, reject) => {
      let stopListening = () => {};
      const call: Call = {
        request,
        resolve: (reply) => (stopListening(), resolve(reply)),
        reject: (reason) => (stopListening(), reject(reason)),
      };
      if (signal !== undefined) {
        const abort = () => this.#abort(call, signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        stopListening = () => signal.removeEventListener("abort", abort);
      }
      this.#waiting.add(call);
      this.#dispatch();
    });
  }

  /** Ends everything; resolves when the threads are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of this.#waiting) call.reject(closed("nothing was sent"));
    this.#waiting.clear();
    for (const member of this.#members) this.#drop(member, closed(MAYBE_SENT));
    await Promise.all(this.#ending);
  }

  /** Gives waiting calls to idle threads, and starts threads while that is allowed. */
  #dispatch(): void {
    if (this.#waiting.size === 0 || this.#isClosed) return;
    if (this.#compiled === undefined) {
      // Compiled once a process: from then on this is reached with the modules at hand.
      modules().then(
        (compiled) => {
          this.#compiled = compiled;
          this.#dispatch();
        },
        (error: unknown) => {
          for (const call of this.#waiting) call.reject(error);
          this.#waiting.clear();
        },
      );
      return;
    }
    for (const call of this.#waiting) {
      const member = [...this.#members].find((one) => one.call === undefined) ?? this.#start(this.#compiled);
      if (member === undefined) return;
      this.#waiting.delete(call);
      member.call = call;
      // A thread keeps the process alive while it has something to do.
      member.worker.ref();
      member.worker.postMessage(call.request);
    }
  }

  #start(compiled: Start["modules"]): Member | undefined {
    if (this.#members.size >= this.#configuration.workers) return undefined;
    const start: Start = { environment: this.#configuration.environment, modules: compiled };
    // The thread sees nothing of this process's environment, so NODE_TLS_REJECT_UNAUTHORIZED means nothing there. Its flags
    // are not handed on either: `--input-type`, for one, is refused where there is a file to run.
    const worker = new Worker(SCRIPT, { workerData: start, env: {}, argv: [], execArgv: [], name: "virustotal-hunting" });
    worker.unref();
    const member: Member = { worker, call: undefined };
    this.#members.add(member);
    let cause: unknown;
    worker.on("message", (reply: Reply) => this.#settle(member, reply));
    worker.on("messageerror", (error) => this.#drop(member, failure("InvalidResult", `a worker's reply cannot be read: ${error.message}`)));
    worker.on("error", (error) => (cause = error));
    worker.on("exit", (code) => {
      const why = cause instanceof Error ? this.#redacted(cause.message) : `exit code ${code}`;
      this.#drop(member, failure("WorkerDied", `the worker thread of this call ended (${why}); ${MAYBE_SENT}. The next call has a new one`));
    });
    return member;
  }

  #settle(member: Member, reply: Reply): void {
    const call = member.call;
    if (call === undefined) return;
    if ("trap" in reply) {
      this.#drop(member, failure("Trap", `the component broke off (${this.#redacted(reply.trap)}); ${MAYBE_SENT}. The next call has a new one`));
      return;
    }
    member.call = undefined;
    member.worker.unref();
    call.resolve(reply);
    this.#dispatch();
  }

  #abort(call: Call, reason: unknown): void {
    if (this.#waiting.delete(call)) {
      call.reject(reason);
      return;
    }
    const member = [...this.#members].find((one) => one.call === call);
    if (member !== undefined) this.#drop(member, reason);
  }

  /** Takes a thread out and ends it: a call that blocks it cannot be ended in any other way. */
  #drop(member: Member, reason: unknown): void {
    if (!this.#members.delete(member)) return;
    const ending = member.worker.terminate().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    member.call?.reject(reason);
    member.call = undefined;
    this.#dispatch();
  }

  /** `text` without the key, should whatever broke have quoted its settings. */
  #redacted(text: string): string {
    const key = this.#configuration.environment.find(([name]) => name === "VT_APIKEY")?.[1];
    return key ? text.replaceAll(key, "[redacted]") : text;
  }
}

function closed(sent: string) {
  return failure("Closed", `this Hunting was closed; ${sent}`);
}
