/**
 * The way out: preview2-shim's HTTP client, with three things mended that it does otherwise than WASI says.
 *
 * - It gives every request a body and waits for its end, which never comes when the component asks for none: a `POST`
 *   without a body is then never answered, and a `GET` keeps its connection for good.
 * - It calls a connection that was reset an `HTTP-protocol-error`, as if the server spoke another protocol. The component
 *   does not repeat after that, and a caller is told that it is no use.
 * - It calls a certificate that is not accepted an `internal-error`, which looks as if it might pass.
 */

import { outgoingHandler, types } from "@bytecodealliance/preview2-shim/http";

type Handle = typeof outgoingHandler.handle;
type Future = ReturnType<Handle>;
type ErrorCode = import("@bytecodealliance/preview2-shim/interfaces/wasi-http-types").ErrorCode;

export const handler = {
  handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const body = untaken(request);
    if (body !== undefined) types.OutgoingBody.finish(body, undefined);
    const future = outgoingHandler.handle(request, options);
    const get = future.get.bind(future);
    future.get = () => renamed(get());
    return future;
  },
};

/** The body, unless the component has it already: a body can be asked for once. */
function untaken(request: Parameters<Handle>[0]) {
  try {
    return request.body();
  } catch {
    return undefined;
  }
}

function renamed(result: ReturnType<Future["get"]>): ReturnType<Future["get"]> {
  if (result?.tag === "ok" && result.val.tag === "err") result.val.val = cause(result.val.val);
  return result;
}

/** The name that WASI has for it. For preview2-shim all that OpenSSL says is text. */
function cause(error: ErrorCode): ErrorCode {
  if (error.tag === "HTTP-protocol-error") return { tag: "connection-terminated" };
  if (error.tag !== "internal-error") return error;
  if (/certificate/i.test(error.val ?? "")) return { tag: "TLS-certificate-error" };
  return /SSL routines|EPROTO/.test(error.val ?? "") ? { tag: "TLS-protocol-error" } : error;
}
