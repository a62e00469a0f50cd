/** What is used of WebAssembly. Its declarations are part of the browser's, which code for Node.js should not see. */
declare namespace WebAssembly {
  interface Module {}
  interface Instance {}
  function compile(bytes: Uint8Array): Promise<Module>;
}
