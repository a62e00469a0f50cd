/**
 * The types of the package, made from jco's declarations of the component: every action as a promise, its records as
 * JavaScript writes them.
 */

import type { Interfaces } from "./generated/interfaces.js";
import type { PageInfo } from "./generated/interfaces/virustotal-hunting-types.js";
import type { ResponseInfo } from "./generated/interfaces/virustotal-hunting-diagnostics.js";

/**
 * What the component gives: a 64-bit integer is a `number` where that is exact (up to 2^53 - 1: all dates and counts of
 * the real world), else a `bigint`. Compare it as it is; `Number(value)` to calculate.
 */
export type Output<T> = T extends bigint
  ? number | bigint
  : T extends Uint8Array
    ? T
    : T extends readonly unknown[]
      ? { [K in keyof T]: Output<T[K]> }
      : T extends object
        ? { [K in keyof T]: Output<T[K]> | Absent<T, K> }
        : T;

/**
 * What the component takes: a 64-bit integer may be a `number`, what the contract has as an option may be left out, and so
 * may a list inside a record, which is empty then.
 */
export type Input<T> = T extends bigint
  ? number | bigint
  : T extends string | number | boolean | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Input<Item>[]
      : Fields<Omit<T, ListKeys<T>>> & Partial<Fields<Pick<T, ListKeys<T>>>>;

/** What is optional may be there and `undefined`, also where the compiler tells the two apart. */
type Absent<T, K extends keyof T> = {} extends Pick<T, K> ? undefined : never;
type Fields<T> = { [K in keyof T]: Input<T[K]> | Absent<T, K> };
type ListKeys<T> = { [K in keyof T]-?: T[K] extends readonly unknown[] ? K : never }[keyof T];

/** What every call can be given behind its arguments. */
export interface CallOptions {
  /**
   * Ends the call. One that waits for a worker is never sent. One that was sent is no longer listened to, and **may have
   * arrived**: before repeating a `create…`, ask `reconcile…`.
   */
  signal?: AbortSignal | undefined;
}

type CanBeLeftOut<T> = undefined extends T ? true : {} extends Input<T> ? true : false;
type Converted<P extends unknown[]> = { [K in keyof P]: Input<P[K]> };

/** Parameters, of which the last ones need not be given where they could be empty. */
type Lenient<P extends unknown[]> = P extends [...infer Before, infer Last]
  ? CanBeLeftOut<Last> extends true
    ? P extends [...Before, ...infer Tail]
      ? [...Lenient<Before>, ...Partial<Converted<Tail>>]
      : never
    : Converted<P>
  : [];

type Union<T> = (T extends unknown ? (value: T) => void : never) extends (value: infer All) => void ? All : never;
/** All functions of the component. */
export type Functions = Union<Interfaces[keyof Interfaces]>;

type Method<F, Wrap extends "plain" | "response"> = F extends (...args: infer P) => infer R
  ? (...args: [...Lenient<P>, options?: CallOptions]) => Promise<Wrap extends "plain" ? Output<R> : WithResponse<Output<R>>>
  : never;

/** What a call gave, and the answer it came in. */
export interface WithResponse<T> {
  /** What the action gave. */
  value: T;
  /** Status and headers of the call's last answer. Absent for a call that sends nothing. */
  response: Output<ResponseInfo> | undefined;
}

/** Every action as a promise. */
export type Actions = { [K in keyof Functions]: Method<Functions[K], "plain"> };
/** Every action as a promise of what it gave together with the answer it came in. */
export type ActionsWithResponse = { [K in Exclude<keyof Functions, "lastResponse">]: Method<Functions[K], "response"> };

type Paged = { items: unknown[]; page: PageInfo };
type Listings = {
  [K in keyof Functions as Functions[K] extends (...args: never[]) => Paged
    ? K extends `get${infer Name}` ? Uncapitalize<Name> : never
    : never]: Functions[K];
};
type Listing<F> = F extends (...args: infer P) => { items: (infer Item)[]; page: PageInfo }
  ? (...args: [...Lenient<P>, options?: CallOptions]) => AsyncGenerator<Output<Item>, void, undefined>
  : never;

/** Every list, object by object. */
export type Iterators = { [K in keyof Listings]: Listing<Listings[K]> };

type Polled = { items: unknown[]; checkpoint: string; more: boolean };
type Polls = {
  [K in keyof Functions as Functions[K] extends (...args: never[]) => Polled
    ? K extends `poll${infer Name}` ? `follow${Name}` : never
    : never]: Functions[K];
};

/** How to follow. */
export interface FollowOptions<Query, Budget> extends CallOptions {
  /** The checkpoint that was stored last. Absent: the first step. */
  checkpoint?: string | undefined;
  /** What to follow. */
  query?: Query | undefined;
  /** How much one step may take. */
  budget?: Budget | undefined;
  /** Seconds between two steps when there is nothing more to read. Default: 60. */
  interval?: number | undefined;
  /** Called with a failure that is waited out; one that cannot be is thrown. */
  onRetry?: ((error: import("./error.js").HuntingError) => void) | undefined;
}

type Follow<F> = F extends (checkpoint: never, query: infer Query, budget: infer Budget) => infer Batch
  ? (options?: FollowOptions<Input<Query>, Input<Budget>>) => AsyncGenerator<Output<Batch>, never, undefined>
  : never;

/** What can be followed, step by step. */
export type Followers = { [K in keyof Polls]: Follow<Polls[K]> };
