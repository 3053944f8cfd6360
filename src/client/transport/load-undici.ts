/** The HTTP client library, loaded by the first request to another program: most servers never make one. */

let loaded: Promise<typeof import('undici')> | undefined;

export function loadUndici(): Promise<typeof import('undici')> {
  loaded ??= import('undici');
  return loaded;
}
