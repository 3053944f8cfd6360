/** The target of an HTTP probe or hook: its address, port and path. */

import type { HTTPGetAction } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { HttpGetOptions } from '#host/network/probe-sockets.ts';
import { portNumber } from './container-port.ts';

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
