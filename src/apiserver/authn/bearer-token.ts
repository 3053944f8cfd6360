/** Finds the bearer token of a request: in the Authorization header, or in a WebSocket's subprotocols. */

import type { ApiRequest } from '#client/transport.ts';

/** Browsers cannot set headers on a WebSocket, so upstream takes the token from here as well. */
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.';

export function bearerToken(request: ApiRequest): string | undefined {
  const header = request.headers['authorization'];
  if (header !== undefined) {
    const [scheme, token, ...rest] = header.trim().split(/ +/);
    return scheme?.toLowerCase() === 'bearer' && token && rest.length === 0 ? token : undefined;
  }
  const protocols = request.headers['sec-websocket-protocol'];
  if (!protocols?.includes(protocolPrefix)) return undefined;
  const protocol = protocols.split(',').find((one) => one.trim().startsWith(protocolPrefix));
  const encoded = protocol?.trim().slice(protocolPrefix.length);
  return encoded ? Buffer.from(encoded, 'base64url').toString() : undefined;
}
