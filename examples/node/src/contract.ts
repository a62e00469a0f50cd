/** The shape of `generated/contract.js`: what each action takes, as the build reads it from the contract. */

/** A type of the contract, as far as actions take it. */
export type Shape =
  | "string"
  | "boolean"
  | "u32"
  | "u64"
  | { readonly enum: readonly string[] }
  | { readonly list: Shape }
  | { readonly record: { readonly [name: string]: Field } };

/** A type, and whether it may be absent. */
export interface Field {
  readonly type: Shape;
  readonly optional: boolean;
}

/** One action. */
export interface Action {
  /** Where the component has it: `livehunt`, `iocStream`, …. */
  readonly interface: string;
  /** What it takes, in order. */
  readonly parameters: readonly (Field & { readonly name: string })[];
  /** Whether it gives a page, and takes the cursor of the page before. */
  readonly listing: boolean;
}

/** All actions by name. */
export type Contract = { readonly [name: string]: Action };
