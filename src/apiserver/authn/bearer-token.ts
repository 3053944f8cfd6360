/** Finds the bearer token of a request: in the Authorization header, or in the subprotocols of a WebSocket. */

import { bearerOf } from '#api/http/authorization-header.ts';
import { unauthorized } from '#api/meta/status.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { isWebSocketRequest } from '#host/http/connection-headers.ts';

/** Browsers cannot set headers on a WebSocket, so upstream accepts a token in a subprotocol. */
const protocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/** Throws a 401 for an invalid token in the subprotocols. */
export function bearerToken({ headers }: ApiRequest): string | undefined {
  return bearerOf(headers['authorization']) ?? tokenInProtocols(headers);
}

function tokenInProtocols(headers: ApiRequest['headers']): string | undefined {
  const protocols = headers['sec-websocket-protocol'];
  if (!protocols?.includes(protocolPrefix) || !isWebSocketRequest(headers)) return undefined;
  const all = protocols.split(',').map((protocol) => protocol.trim());
  const tokens = all.filter((protocol) => protocol.startsWith(protocolPrefix));
  if (tokens.length === 0) return undefined;
  const encoded = tokens[0]!.slice(protocolPrefix.length);
  if (tokens.length > 1 || !/^[\w-]*$/.test(encoded) || encoded.length % 4 === 1) throw unauthorized();
  const token = Buffer.from(encoded, 'base64url');
  if (token.length === 0) return undefined;
  // Another subprotocol must be offered, as the server has to answer with one.
  const isReadable = token.equals(Buffer.from(token.toString()));
  if (!isReadable || all.length === 1) throw unauthorized();
  return token.toString();
}

/** Of the subprotocols that a caller offers, those that are ones: the server's answer and a backend know no token. */
export function protocolsWithoutToken(protocols: string): string {
  const all = protocols.split(',').map((protocol) => protocol.trim());
  return all.filter((protocol) => !protocol.startsWith(protocolPrefix)).join(', ');
}
