/**
 * Checks what an action is given against the contract, and writes it as the component reads it. WebAssembly knows no
 * missing field, no wrong type and no unpaired surrogate: without a check the first is a trap, and the last silently
 * another text.
 */

import type { Action, Field, Shape } from "./contract.js";
import { invalidArgument } from "./error.js";

const U32_MAX = 4_294_967_295;
const U64_MAX = 18_446_744_073_709_551_615n;

/** The arguments of one call. What is missing at the end may be what could be empty. */
export function check(name: string, action: Action, given: readonly unknown[]): unknown[] {
  return action.parameters.map((parameter, index) => field(`${name}: ${parameter.name}`, parameter, given[index]));
}

function field(path: string, { type, optional }: Field, value: unknown): unknown {
  if (value === undefined || value === null) {
    if (optional) return undefined;
    if (typeof type === "object" && "list" in type && path.includes(".")) return [];
    if (typeof type === "object" && "record" in type && Object.values(type.record).every((one) => one.optional)) return {};
    throw invalidArgument(`${path} is missing; it takes ${wanted(type)}`);
  }
  return convert(path, type, value);
}

function convert(path: string, type: Shape, value: unknown): unknown {
  const wrong = () => invalidArgument(`${path} takes ${wanted(type)}, not ${shown(value)}`);
  if (type === "string") {
    if (typeof value !== "string") throw wrong();
    return text(path, value);
  }
  if (type === "boolean") {
    if (typeof value !== "boolean") throw wrong();
    return value;
  }
  if (type === "u32") {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > U32_MAX) throw wrong();
    return value;
  }
  if (type === "u64") {
    if (typeof value === "number" ? !Number.isSafeInteger(value) : typeof value !== "bigint") throw wrong();
    const integer = BigInt(value as number | bigint);
    if (integer < 0n || integer > U64_MAX) throw wrong();
    return integer;
  }
  if ("enum" in type) {
    if (!type.enum.includes(value as string)) throw wrong();
    return value;
  }
  if ("list" in type) {
    if (!Array.isArray(value)) throw wrong();
    return Array.from(value, (item, index) => field(`${path}[${index}]`, { type: type.list, optional: false }, item));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong();
  const fields = type.record;
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) {
      throw invalidArgument(`${path} has no field ${JSON.stringify(name)}; there are ${Object.keys(fields).join(", ")}`);
    }
  }
  const given = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, field(`${path}.${name}`, one, given[name])]));
}

/** A text that UTF-8 can write. */
export function text(path: string, value: string): string {
  if (value.isWellFormed()) return value;
  const at = [...value].findIndex((character) => !character.isWellFormed());
  throw invalidArgument(
    `${path} has half of a surrogate pair, as character ${at + 1}, which UTF-8 cannot hold; mend the text, or use toWellFormed()`,
  );
}

function wanted(type: Shape): string {
  if (type === "string") return "a string";
  if (type === "boolean") return "true or false";
  if (type === "u32") return `an integer from 0 to ${U32_MAX}`;
  if (type === "u64") return `an integer from 0 to ${U64_MAX} (above ${Number.MAX_SAFE_INTEGER} as a bigint)`;
  if ("enum" in type) return `one of ${type.enum.map((word) => JSON.stringify(word)).join(", ")}`;
  if ("list" in type) return "an array";
  return `an object with ${Object.keys(type.record).join(", ")}`;
}

/** The value, where that helps and cannot be a secret: text stays unsaid. */
function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : typeof value === "string" ? "this text" : `a ${typeof value}`;
}
