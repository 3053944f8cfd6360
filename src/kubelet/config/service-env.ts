/** The variables through which a pod finds services the old way: `WEB_SERVICE_HOST`, `WEB_PORT_80_TCP`, … */

import type { Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

/** Services of the pod's namespace when it wants links; the API server's own always. */
export function serviceEnv(
  services: readonly Stored<Service>[],
  namespace: string,
  enableLinks: boolean,
): Map<string, string> {
  const chosen = new Map<string, Stored<Service>>();
  for (const service of services) {
    const { name } = service.metadata;
    const ip = service.spec?.clusterIP;
    if (!ip || ip === 'None') continue;
    const isMaster = service.metadata.namespace === 'default' && name === 'kubernetes';
    if (isMaster && !chosen.has(name)) chosen.set(name, service);
    else if (service.metadata.namespace === namespace && enableLinks) chosen.set(name, service);
  }
  const env = new Map<string, string>();
  for (const service of chosen.values()) addVariables(env, service);
  return env;
}

function addVariables(env: Map<string, string>, service: Stored<Service>): void {
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  const ip = service.spec!.clusterIP!;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0) return;
  env.set(`${prefix}_SERVICE_HOST`, ip);
  env.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port));
  for (const port of ports) {
    if (port.name) {
      env.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
    }
  }
  for (const [index, port] of ports.entries()) {
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    const url = `${protocol}://${host}:${port.port}`;
    if (index === 0) env.set(`${prefix}_PORT`, url);
    const variable = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
    env.set(variable, url);
    env.set(`${variable}_PROTO`, protocol);
    env.set(`${variable}_PORT`, String(port.port));
    env.set(`${variable}_ADDR`, ip);
  }
}
