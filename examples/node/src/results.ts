/** Writes what the component gave as JavaScript reads it: no `bigint` where a `number` is exact. */

import type { Output } from "./types.js";

/** `value`, changed in place. */
export function plain<T>(value: T): Output<T> {
  return convert(value) as Output<T>;
}

function convert(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) {
    value.forEach((item, index) => (value[index] = convert(item)));
  } else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    const record = value as Record<string, unknown>;
    for (const name of Object.keys(record)) {
      if (typeof record[name] !== "string") record[name] = convert(record[name]);
    }
  }
  return value;
}
