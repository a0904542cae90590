/** Resolves after `ms` milliseconds, in Node and in a browser. */
export const wait = (ms) => new Promise((resolve) => globalThis.setTimeout(resolve, ms));
