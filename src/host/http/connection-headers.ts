/** Headers that belong to a single connection. */

/** Hop-by-hop headers: never passed on to another connection. */
const hopHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface ConnectionHeaders {
  readonly connection?: string | undefined;
  readonly upgrade?: string | undefined;
}

/** Whether a header, in lower case, is hop-by-hop: `Connection: close, X-Mine` makes `x-mine` one as well. */
export function hopHeaderTest({ connection }: ConnectionHeaders): (name: string) => boolean {
  const listed = new Set(connection?.split(',').map((name) => name.trim().toLowerCase()));
  return (name) => hopHeaders.has(name) || listed.has(name);
}

/** As upstream's `IsWebSocketRequest`. */
export function isWebSocketRequest({ connection = '', upgrade = '' }: ConnectionHeaders): boolean {
  return upgrade.toLowerCase() === 'websocket' && /(?:^|[ ,])upgrade(?:$|[ ,])/i.test(connection);
}
