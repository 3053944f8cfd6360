/** `backend-protocol`, `proxy-ssl-name`, and the cookie that keeps a client at one endpoint. */

import type { AffinityCookie, Backend } from '../../model/model.ts';
import type { PolicyPart } from './policy.ts';
import type { AnnotationReader } from './reader.ts';
import { isToken } from './token.ts';

const protocols: Readonly<
  Record<string, { readonly protocol: Backend['protocol']; readonly isTls: boolean }>
> = {
  HTTP: { protocol: 'http', isTls: false },
  AUTO_HTTP: { protocol: 'http', isTls: false },
  HTTPS: { protocol: 'http', isTls: true },
  GRPC: { protocol: 'http2', isTls: false },
  GRPCS: { protocol: 'http2', isTls: true },
};

export function backend(read: AnnotationReader): PolicyPart {
  const affinity = affinityOf(read);
  return { ...protocolOf(read), ...(affinity ? { affinity } : {}) };
}

function protocolOf(read: AnnotationReader): PolicyPart {
  const name = read.text('backend-protocol');
  if (name === undefined) return {};
  const known = protocols[name.toUpperCase()];
  if (!known) throw read.bad('backend-protocol', `must be one of ${Object.keys(protocols).join(', ')}`);
  const serverName = read.text('proxy-ssl-name');
  const tls = serverName === undefined ? {} : { serverName };
  return { protocol: known.protocol, ...(known.isTls ? { tls } : {}) };
}

function affinityOf(read: AnnotationReader): AffinityCookie | undefined {
  const kind = read.text('affinity');
  if (kind === undefined) return undefined;
  if (kind !== 'cookie') throw read.bad('affinity', 'must be cookie');
  const name = read.text('session-cookie-name') ?? 'INGRESSCOOKIE';
  if (!isToken(name)) throw read.bad('session-cookie-name', 'must be the name of a cookie');
  const path = read.text('session-cookie-path');
  const maxAgeSeconds = read.count('session-cookie-max-age');
  return {
    name,
    ...(path === undefined ? {} : { path }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  };
}
