/** The component's WebAssembly, compiled once a process: workers are handed the compiled modules, not the bytes. */

import { readFile, readdir } from "node:fs/promises";

const FOLDER = new URL("./generated/", import.meta.url);

let compiled: Promise<ReadonlyMap<string, WebAssembly.Module>> | undefined;

/** The modules by file name. */
export function modules(): Promise<ReadonlyMap<string, WebAssembly.Module>> {
  compiled ??= compile().catch((error: unknown) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

async function compile(): Promise<ReadonlyMap<string, WebAssembly.Module>> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".wasm"));
  const one = async (name: string) => [name, await WebAssembly.compile(await readFile(new URL(name, FOLDER)))] as const;
  return new Map(await Promise.all(names.map(one)));
}
