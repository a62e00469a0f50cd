// Reads what each action takes and gives from jco's declarations, with the TypeScript compiler: nothing about the contract
// is written down a second time.

import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";

/**
 * @param {string[]} paths jco's declaration files, one an interface
 * @param {string} wit the contract's folder
 * @returns the actions by name, and the text of a TypeScript file with the records
 */
export async function describe(paths, wit) {
  const program = ts.createProgram(paths, { strict: true, noEmit: true, types: [] });
  const checker = program.getTypeChecker();
  const witText = readdirSync(wit).filter((name) => name.endsWith(".wit")).map((name) => readFileSync(join(wit, name), "utf8"));
  const contract = {};
  const given = new Map();
  for (const path of paths) {
    const source = program.getSourceFile(path);
    const file = basename(path, ".d.ts");
    const name = camel(file.replace("virustotal-hunting-", ""));
    source.forEachChild((node) => {
      if (ts.isFunctionDeclaration(node)) {
        const signature = checker.getSignatureFromDeclaration(node);
        contract[node.name.text] = {
          interface: name,
          parameters: signature.getParameters().map((parameter) => {
            const type = checker.getTypeOfSymbolAtLocation(parameter, node);
            return { name: parameter.name, ...field(type, parameter.name) };
          }),
          listing: isListing(signature.getReturnType()),
        };
      } else if (ts.isInterfaceDeclaration(node) || (ts.isTypeAliasDeclaration(node) && !isReexport(node))) {
        const isInput = ts.isInterfaceDeclaration(node) && isTaken(node.name.text);
        given.set(node.name.text, { file, isInput });
      }
    });
  }
  return { contract, records: records(given) };

  /** A type, and whether it may be absent. */
  function field(type, where) {
    const optional = (type.flags & ts.TypeFlags.Union) !== 0 && type.types.some((one) => one.flags & ts.TypeFlags.Undefined);
    return { type: shape(optional ? checker.getNonNullableType(type) : type, where), optional };
  }

  function shape(type, where) {
    if (type.flags & ts.TypeFlags.String) return "string";
    if (type.flags & ts.TypeFlags.BooleanLike) return "boolean";
    if (type.flags & ts.TypeFlags.BigInt) return "u64";
    if (type.flags & ts.TypeFlags.Number) return u32(where);
    if (type.isUnion() && type.types.every((one) => one.isStringLiteral())) return { enum: type.types.map((one) => one.value) };
    if (checker.isArrayType(type)) return { list: shape(checker.getTypeArguments(type)[0], where) };
    if (type.symbol?.flags & ts.SymbolFlags.Interface) {
      const record = type.symbol.name;
      const entries = checker.getPropertiesOfType(type).map((property) => {
        const of = checker.getTypeOfSymbol(property);
        return [property.name, field(of, `${record}.${property.name}`)];
      });
      return { record: Object.fromEntries(entries) };
    }
    throw new Error(`${where}: an action takes a ${checker.typeToString(type)}, which scripts/contract.mjs cannot describe`);
  }

  /** Every number is a number in TypeScript; which one it is, only the contract says. */
  function u32(where) {
    const [record, name] = where.split(".").map(kebab);
    const declaration = new RegExp(`record ${record} \\{[^}]*\\b${name}: (option<)?u32\\b`);
    if (name && witText.some((text) => declaration.test(text))) return "u32";
    throw new Error(`${where}: an action takes a number that is no u32, which scripts/contract.mjs cannot describe`);
  }

  /** Whether actions take such a record: then what may be left out is optional in it. */
  function isTaken(name) {
    return JSON.stringify(takenNames()).includes(`"${name}"`);
  }

  function takenNames() {
    const names = new Set();
    const visit = (type) => {
      if (checker.isArrayType(type)) return checker.getTypeArguments(type).forEach(visit);
      if (type.isUnion()) return type.types.forEach(visit);
      if (!(type.symbol?.flags & ts.SymbolFlags.Interface) || names.has(type.symbol.name)) return;
      names.add(type.symbol.name);
      checker.getPropertiesOfType(type).forEach((property) => visit(checker.getTypeOfSymbol(property)));
    };
    for (const path of paths) {
      program.getSourceFile(path).forEachChild((node) => {
        if (!ts.isFunctionDeclaration(node)) return;
        const signature = checker.getSignatureFromDeclaration(node);
        signature.getParameters().forEach((parameter) => visit(checker.getTypeOfSymbolAtLocation(parameter, node)));
      });
    }
    return [...names];
  }

  /** Whether what an action gives is a page that another call can go on from. */
  function isListing(type) {
    return type.getProperty("items") !== undefined && type.getProperty("page") !== undefined;
  }
}

/** `export type Error = import('./virustotal-hunting-types.js').Error`: declared elsewhere. */
function isReexport(node) {
  return ts.isImportTypeNode(node.type);
}

function records(given) {
  const lines = ['import type { Input, Output } from "../types.js";'];
  for (const [name, { file, isInput }] of given) {
    // A global `Error` is something else.
    const shown = name === "Error" ? "ErrorRecord" : name;
    const direction = isInput ? "Input" : "Output";
    lines.push(`export type ${shown} = ${direction}<import("./interfaces/${file}.js").${name}>;`);
  }
  return `${lines.join("\n")}\n`;
}

function camel(name) {
  return name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

function kebab(name) {
  return name.replace(/[A-Z]/g, (letter, at) => (at ? "-" : "") + letter.toLowerCase());
}
