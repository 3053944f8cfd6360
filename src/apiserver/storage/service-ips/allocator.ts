/**
 * Gives services their cluster addresses, node ports and health-check ports, and takes them back.
 *
 * What is taken is kept in memory and rebuilt from the stored services at start (`restore`); that is enough for one
 * API server. Several on one store need the allocations in the store itself (IPAddress objects).
 */

import type { Service, ServicePort, ServiceSpec } from '#api/generated/types.gen.ts';
import { internalError, invalid, unknownError } from '#api/meta/status.ts';
import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import { cidrSize, contains, formatIPv4, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import type { Random } from '#base/random.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { StorageHooks } from '../../contract/contract.ts';
import { setIpFamilies } from './families.ts';
import { type NumberRange, numberRange, staticBandSize } from './range.ts';

export const nodePortFirst = 30000;
export const nodePortLast = 32767;
const headless = 'None';
const serviceKind = { group: '', kind: 'Service' };

export interface ServiceAllocator {
  readonly hooks: StorageHooks;
  /** Marks what these stored services hold as taken. */
  restore(services: readonly Service[]): void;
}

/** What one write has taken, so that it can be undone. */
interface Changes {
  readonly undo: (() => void)[];
}

export function serviceAllocator(options: {
  readonly serviceCidr: string;
  readonly random: Random;
}): ServiceAllocator {
  const cidr = parseCidr(options.serviceCidr);
  const size = cidrSize(cidr);
  const addresses = numberRange({
    // Neither the network's own address nor the broadcast address is given to a service.
    first: cidr.base + 1,
    last: cidr.base + size - 2,
    staticBand: staticBandSize(size, 16, 16, 256),
    random: options.random,
  });
  const ports = numberRange({
    first: nodePortFirst,
    last: nodePortLast,
    staticBand: staticBandSize(nodePortLast - nodePortFirst + 1, 32, 16, 128),
    random: options.random,
  });

  function take(range: NumberRange, number: number, changes: Changes): boolean {
    if (!range.take(number)) return false;
    changes.undo.push(() => range.release(number));
    return true;
  }

  /** `what` it is, in the words of the error when there is none left. */
  function takeNext(range: NumberRange, what: string, changes: Changes): number {
    const number = range.takeNext();
    if (number === undefined) throw internalError(`failed to allocate a ${what}: range is full`);
    changes.undo.push(() => range.release(number));
    return number;
  }

  function allocateAddress(spec: ServiceSpec, name: string, changes: Changes): FieldError[] {
    const requested = spec.clusterIPs?.[0] ?? spec.clusterIP;
    if (requested === headless) return [];
    if (requested) return takeRequestedAddress(spec, requested, changes);
    const address = formatIPv4(takeNext(addresses, `serviceIP for Service ${goQuoted(name)}`, changes));
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    return [];
  }

  function takeRequestedAddress(spec: ServiceSpec, requested: string, changes: Changes): FieldError[] {
    const refuse = (why: string) => [
      invalidValue('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${requested}: ${why}`),
    ];
    const number = addressNumber(requested);
    // A wrong address is validation's to complain about.
    if (number === undefined) return [];
    if (!contains(cidr, number) || !addresses.includes(number)) {
      return refuse('the provided network does not match the current range');
    }
    return take(addresses, number, changes) ? [] : refuse('provided IP is already allocated');
  }

  /** Of a new service. Ports of one number and several protocols (53/TCP and 53/UDP) share a node port. */
  function allocatePorts(spec: ServiceSpec, changes: Changes): FieldError[] {
    const list = spec.ports ?? [];
    const requested = requestedByPort(list);
    const byPort = new Map<number, number>();
    for (const [index, port] of list.entries()) {
      if (!port.nodePort && !allocatesNodePorts(spec)) continue;
      const shared = byPort.get(port.port);
      const wanted = shared === undefined ? requested.get(port.port) : port.nodePort || shared;
      if (wanted !== undefined && wanted !== shared) {
        const error = takePort(wanted, `spec.ports[${index}].nodePort`, changes);
        if (error) return [error];
      }
      port.nodePort = wanted ?? takeNext(ports, 'nodePort', changes);
      if (shared === undefined) byPort.set(port.port, port.nodePort);
    }
    return [];
  }

  /** Of a changed service, in which ports of one number share a node port only if they say so. */
  function updatePorts(spec: ServiceSpec, held: ReadonlySet<number>, changes: Changes): FieldError[] {
    const taken = new Set(held);
    const seen = new Set<string>();
    for (const [index, port] of (spec.ports ?? []).entries()) {
      if (!port.nodePort && !allocatesNodePorts(spec)) continue;
      if (!port.nodePort) {
        port.nodePort = takeNext(ports, 'nodePort', changes);
      } else if (!taken.has(port.nodePort)) {
        const error = takePort(port.nodePort, `spec.ports[${index}].nodePort`, changes);
        if (error) return [error];
        taken.add(port.nodePort);
      }
      const text = `{${port.protocol ?? ''} ${port.nodePort}}`;
      if (seen.has(text)) throw unknownError(`duplicate nodePort: ${text}`);
      seen.add(text);
    }
    return [];
  }

  function takePort(number: number, field: string, changes: Changes): FieldError | undefined {
    const why = whyNotPort(number, changes);
    return why === undefined ? undefined : invalidValue(field, number, why);
  }

  function whyNotPort(number: number, changes: Changes): string | undefined {
    if (!ports.includes(number)) {
      const range = `${nodePortFirst}-${nodePortLast}`;
      return `provided port is not in the valid range. The range of valid ports is ${range}`;
    }
    return take(ports, number, changes) ? undefined : 'provided port is already allocated';
  }

  function allocateHealthPort(spec: ServiceSpec, old: ServiceSpec | undefined, changes: Changes): void {
    if (!needsHealthPort(spec) || (old && needsHealthPort(old))) return;
    const wanted = spec.healthCheckNodePort;
    if (!wanted) {
      spec.healthCheckNodePort = takeNext(ports, 'HealthCheck NodePort 0', changes);
      return;
    }
    const why = whyNotPort(wanted, changes);
    if (why) throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`);
  }

  /** What the old state held and the new one does not. */
  function releaseUnused(before: Held, after: Held): void {
    for (const number of before.addresses) if (!after.addresses.has(number)) addresses.release(number);
    for (const number of before.ports) if (!after.ports.has(number)) ports.release(number);
  }

  function begin(service: Service, old: Service | undefined): { undo(): void; done(): void } {
    const changes: Changes = { undo: [] };
    const undo = () => {
      for (const step of changes.undo.splice(0).reverse()) step();
    };
    const before = heldBy(old?.spec);
    try {
      const spec = service.spec ?? {};
      const name = service.metadata?.name ?? '';
      const errors = allocate(spec, name, old?.spec, before, changes);
      if (errors.length > 0) throw invalid(serviceKind, name, errors);
    } catch (error) {
      undo();
      throw error;
    }
    // Not before it is stored: until then the old service holds it, and a write that fails keeps it.
    return { undo, done: () => releaseUnused(before, heldBy(service.spec)) };
  }

  function allocate(
    spec: ServiceSpec,
    name: string,
    old: ServiceSpec | undefined,
    before: Held,
    changes: Changes,
  ): FieldError[] {
    const errors: FieldError[] = [];
    if (spec.type === 'ExternalName') return errors;
    if (!old && spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    errors.push(...setIpFamilies(spec));
    if (errors.length > 0) return errors;
    const kept = addressNumber(spec.clusterIPs?.[0] ?? spec.clusterIP);
    if (kept === undefined || !before.addresses.has(kept))
      errors.push(...allocateAddress(spec, name, changes));
    if (errors.length > 0) return errors;
    if (mayHaveNodePorts(spec)) {
      const held = nodePortsOf(old);
      errors.push(...(old ? updatePorts(spec, held, changes) : allocatePorts(spec, changes)));
    }
    if (errors.length === 0) allocateHealthPort(spec, old, changes);
    return errors;
  }

  return {
    hooks: {
      group: '',
      resource: 'services',
      begin: (object, old) => begin(object as Service, old as Service | undefined),
      afterDelete(object) {
        const held = heldBy((object as Service).spec);
        for (const number of held.addresses) addresses.release(number);
        for (const number of held.ports) ports.release(number);
      },
    },
    restore(services) {
      for (const service of services) {
        const held = heldBy(service.spec);
        for (const number of held.addresses) addresses.take(number);
        for (const number of held.ports) ports.take(number);
      }
    },
  };
}

interface Held {
  readonly addresses: ReadonlySet<number>;
  readonly ports: ReadonlySet<number>;
}

function heldBy(spec: ServiceSpec | undefined): Held {
  if (!spec || spec.type === 'ExternalName') return { addresses: new Set(), ports: new Set() };
  const all = spec.clusterIPs ?? [spec.clusterIP ?? ''];
  return {
    addresses: new Set(all.flatMap((address) => addressNumber(address) ?? [])),
    ports: new Set([...nodePortsOf(spec), spec.healthCheckNodePort ?? 0].filter((number) => number > 0)),
  };
}

function addressNumber(address: string | undefined): number | undefined {
  if (!address || address === headless || address.includes(':')) return undefined;
  try {
    return parseIPv4(address);
  } catch {
    return undefined;
  }
}

function mayHaveNodePorts(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** Whether those that were not asked for are given too. */
function allocatesNodePorts(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
}

function nodePortsOf(spec: ServiceSpec | undefined): ReadonlySet<number> {
  return new Set((spec?.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
}

function needsHealthPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** The first node port that is asked for each port. */
function requestedByPort(ports: readonly ServicePort[]): ReadonlyMap<number, number> {
  const requested = new Map<number, number>();
  for (const { port, nodePort } of ports) {
    if (nodePort && !requested.has(port)) requested.set(port, nodePort);
  }
  return requested;
}
