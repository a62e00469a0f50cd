/** VirusTotal's hunting: livehunt, retrohunt and the IoC stream. `Hunting` is where it starts. */

export { Hunting } from "./hunting.js";
export { HuntingError } from "./error.js";
export type { HuntingOptions } from "./options.js";
export type { CallOptions, FollowOptions, WithResponse } from "./types.js";
export type * from "./generated/records.js";
