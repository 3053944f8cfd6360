/**
 * Makes the record of node ports say what the services hold: missing ports are added, those that no service
 * has held for some rounds are freed. Follows upstream's portallocator-repair-controller.
 */

import type { Service } from '#api/generated/types.gen.ts';
import type { RangeRecord } from '../range-record.ts';
import type { RepairStep } from './step.ts';

/**
 * A port is taken before its service is stored: only a port found without a service this often is free again.
 */
const leakRoundsMax = 3;

export interface PortBounds {
  readonly first: number;
  readonly last: number;
}

export interface RepairedPorts {
  readonly taken: ReadonlySet<number>;
  readonly steps: readonly RepairStep[];
  /** Rounds that each port without a service still counts as taken. */
  readonly leaks: ReadonlyMap<number, number>;
}

export function repairPorts(
  stored: ReadonlySet<number>,
  services: readonly Service[],
  leaks: ReadonlyMap<number, number>,
  { first, last }: PortBounds,
): RepairedPorts {
  const taken = new Set<number>();
  const steps: RepairStep[] = [];
  for (const service of services) {
    for (const port of portsOf(service)) {
      const warn = (reason: string, message: string) =>
        steps.push({ do: 'warn', regarding: service, reason, message });
      if (port < first || port > last) {
        const range = `${first}-${last}`;
        warn('PortOutOfRange', `Port ${port} is not within the port range ${range}; please recreate service`);
      } else if (taken.has(port)) {
        const message = `Port ${port} was assigned to multiple services; please recreate service`;
        warn('PortAlreadyAllocated', message);
      } else {
        taken.add(port);
        if (!stored.has(port)) warn('PortNotAllocated', `Port ${port} is not allocated; repairing`);
      }
    }
  }
  const left = new Map<number, number>();
  for (const port of stored) {
    if (taken.has(port)) continue;
    const rounds = leaks.get(port) ?? leakRoundsMax - 1;
    if (rounds === 0) continue;
    left.set(port, rounds - 1);
  }
  for (const port of left.keys()) taken.add(port);
  return { taken, steps, leaks: left };
}

/** A port of several protocols counts once, a port of the same protocol twice. */
function portsOf({ spec }: Service): number[] {
  const seen = new Set<string>();
  const ports: number[] = [];
  const add = (port: number | undefined, protocol: string) => {
    if (!port) return;
    const isOther =
      [...seen].some((known) => known.startsWith(`${port}/`)) && !seen.has(`${port}/${protocol}`);
    if (!isOther) ports.push(port);
    seen.add(`${port}/${protocol}`);
  };
  for (const port of spec?.ports ?? []) add(port.nodePort, port.protocol ?? 'TCP');
  add(spec?.healthCheckNodePort, 'TCP');
  return ports;
}

/**
 * One round over the stored record; begins again when another server changed it meanwhile. Returns the next
 * `leaks`.
 */
export async function repairPortRecord(
  record: RangeRecord,
  bounds: PortBounds,
  /** At least as new as the record that was read. */
  services: () => Promise<readonly Service[]>,
  leaks: ReadonlyMap<number, number>,
): Promise<RepairedPorts> {
  for (;;) {
    const stored = await record.read();
    const repaired = repairPorts(stored.taken, await services(), leaks, bounds);
    const isRight = stored.modRevision > 0 && isSame(stored.taken, repaired.taken);
    if (isRight || (await record.replace(repaired.taken, stored))) return repaired;
  }
}

function isSame(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}
