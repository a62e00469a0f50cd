// Makes the package from the built component and its contract: `npm run build [-- PATH]`.
//
//   src/generated/component.js, *.wasm    the component, transpiled by jco
//   src/generated/interfaces/             its types, with the contract's own documentation
//   src/generated/contract.ts             what each action takes, for checks before a call leaves the main thread
//   src/generated/records.ts              the contract's records as JavaScript sees them
//   dist/                                 src/, compiled: the package
//
// None of it is committed: the component and `wit/` are the only sources.

import { execFileSync } from "node:child_process";
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { transpile, types } from "@bytecodealliance/jco";
import { _addPreopen } from "@bytecodealliance/preview2-shim/filesystem";
import { describe } from "./contract.mjs";

const home = fileURLToPath(new URL("..", import.meta.url));
const root = resolve(home, "../..");
const generated = join(home, "src/generated");
const dist = join(home, "dist");
const built = join(root, "target/wasm32-wasip2/release/virustotal_hunting.wasm");
const component = resolve(process.argv[2] ?? process.env.VT_HUNTING_COMPONENT ?? built);
const wit = join(root, "wit");

const bytes = await readFile(component).catch((error) => {
  if (error.code !== "ENOENT") throw error;
  fail(`there is no component at ${component}: run \`cargo xtask build\`, or name it: npm run build -- PATH`);
});
const options = { name: "component", instantiation: "async" };
// `strict`: what does not fit a type is an error and is not bent until it does.
const { files } = await transpile(bytes, { ...options, strict: true, minify: true });
files["component.js"] = withByteOrderMarks(files["component.js"]);
// jco reads `wit/` through the file system it gives to components, which is empty unless somebody fills it.
_addPreopen("/", "/");
// The component has no documentation in it; `wit/` does. That both are the same contract is checked.
const declared = await types(wit, { ...options, worldName: "connector" });
const ours = Object.keys(declared).filter((name) => name.startsWith("interfaces/virustotal-hunting-"));
for (const name of ours) {
  if (bare(declared[name]) !== bare(files[name])) {
    fail(`${component} was built from another contract than ${wit}: ${name} differs. Run \`cargo xtask build\``);
  }
}

await rm(generated, { recursive: true, force: true });
await rm(dist, { recursive: true, force: true });
for (const [name, content] of [
  ...Object.entries(files).filter(([name]) => !name.endsWith(".d.ts")),
  ...Object.entries(declared),
]) {
  await write(name, content);
}
const { contract, records } = await describe(ours.map((name) => join(generated, name)), wit);
const described = JSON.stringify(contract, null, 1);
await write("contract.ts", `import type { Contract } from "../contract.js";\nexport const contract: Contract = ${described};\n`);
await write("records.ts", records);
await write("interfaces.ts", interfaces(ours));

const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
execFileSync(process.execPath, [join(dirname(typescript), "bin/tsc"), "--project", home], { stdio: "inherit" });
// What tsc does not copy. jco's own declarations of the component and of WASI are not part of the package's types.
for (const name of [...Object.keys(files).filter((name) => /\.(js|wasm)$/.test(name)), ...ours]) {
  await cp(join(generated, name), join(dist, "generated", name));
}
await copyFile(join(root, "LICENSE"), join(home, "LICENSE"));
console.log(`${Object.keys(contract).length} actions from ${relative(process.cwd(), component)}`);

/** A declaration file without comments and spaces. */
function bare(content) {
  return Buffer.from(content).toString().replace(/\/\*\*[\s\S]*?\*\//g, "").replace(/\s+/g, " ");
}

/**
 * jco's decoder of the component's text takes a byte order mark for an encoding's sign and drops it. In text that starts
 * with one, which rules may, it is a character like any other.
 */
function withByteOrderMarks(code) {
  const decoder = /\bnew TextDecoder(\(\))?(?=[,;])/g;
  const text = Buffer.from(code).toString();
  const count = text.match(decoder)?.length ?? 0;
  if (count !== 1) fail(`jco's output has ${count} decoders of UTF-8 where one was expected: see withByteOrderMarks in scripts/build.mjs`);
  return text.replace(decoder, 'new TextDecoder("utf-8",{ignoreBOM:true})');
}

/** The component's interfaces by the names that jco gives them. */
function interfaces(paths) {
  const lines = paths.map((path) => {
    const name = path.replace(/^.*virustotal-hunting-(.*)\.d\.ts$/, "$1").replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    return `  ${name}: typeof import("./${path.replace(/\.d\.ts$/, ".js")}");`;
  });
  return `/** The component's interfaces. */\nexport interface Interfaces {\n${lines.join("\n")}\n}\n`;
}

async function write(name, content) {
  const path = join(generated, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
