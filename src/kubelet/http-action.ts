/** What an HTTP probe or hook of a container asks for: which address, port and path are meant. */

import type { HTTPGetAction } from '#api/types.gen.ts';
import type { HttpGetOptions } from '#host/probe-sockets.ts';
import type { AnyContainer } from './pod.ts';
import { portNumber } from './ports.ts';

export function httpRequest(
  container: AnyContainer,
  { scheme = 'HTTP', host, port, path = '/', httpHeaders = [] }: HTTPGetAction,
  ip: string,
  timeoutMs: number,
): HttpGetOptions {
  return {
    scheme: scheme.toLowerCase(),
    host: host || ip,
    port: portNumber(container, port),
    path: path.startsWith('/') ? path : `/${path}`,
    headers: httpHeaders,
    timeoutMs,
  };
}
