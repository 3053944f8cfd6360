/**
 * Host ports that pods request and hold on a node; two collide when protocol and port are equal and an
 * address is equal or 0.0.0.0.
 */

import type { Pod } from '../generated/types.gen.ts';
import { lastingContainers } from './containers.ts';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const anyIp = '0.0.0.0';

export function hostPortsOf({ spec }: Pick<Pod, 'spec'>): HostPort[] {
  const found: HostPort[] = [];
  for (const container of lastingContainers(spec)) {
    for (const { hostPort, hostIP, protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort) found.push({ ip: hostIP || anyIp, protocol, port: hostPort });
    }
  }
  return found;
}

export class HostPorts {
  /** `TCP/80` → address → number of pods that hold it (briefly two while a cache catches up). */
  readonly #taken = new Map<string, Map<string, number>>();

  get size(): number {
    return this.#taken.size;
  }

  add(wanted: HostPort): void {
    const key = `${wanted.protocol}/${wanted.port}`;
    let byIp = this.#taken.get(key);
    if (!byIp) {
      byIp = new Map();
      this.#taken.set(key, byIp);
    }
    byIp.set(wanted.ip, (byIp.get(wanted.ip) ?? 0) + 1);
  }

  remove(held: HostPort): void {
    const key = `${held.protocol}/${held.port}`;
    const byIp = this.#taken.get(key);
    const count = byIp?.get(held.ip);
    if (!byIp || count === undefined) return;
    if (count > 1) byIp.set(held.ip, count - 1);
    else byIp.delete(held.ip);
    if (byIp.size === 0) this.#taken.delete(key);
  }

  conflicts(wanted: HostPort): boolean {
    const byIp = this.#taken.get(`${wanted.protocol}/${wanted.port}`);
    if (!byIp) return false;
    return wanted.ip === anyIp || byIp.has(wanted.ip) || byIp.has(anyIp);
  }

  copy(): HostPorts {
    const copy = new HostPorts();
    for (const [key, byIp] of this.#taken) copy.#taken.set(key, new Map(byIp));
    return copy;
  }
}
