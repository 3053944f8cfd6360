/**
 * Gives services their cluster addresses, node ports and health-check ports, and takes them back.
 *
 * What is taken is kept in memory and rebuilt from the stored services at start (`restore`); that is enough for one
 * API server. Several on one store need the allocations in the store itself (IPAddress objects).
 */

import { type FieldError, invalidValue } from '#api/field-error.ts';
import { internalError, invalid } from '#api/status.ts';
import type { Service, ServicePort, ServiceSpec } from '#api/types.gen.ts';
import { cidrSize, contains, formatCidr, formatIPv4, parseCidr, parseIPv4 } from '#base/cidr.ts';
import type { Random } from '#base/random.ts';
import type { StorageHooks } from './contract.ts';
import { setIpFamilies } from './service-ips-families.ts';
import { type NumberRange, numberRange, staticBandSize } from './service-ips-range.ts';

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

  function takeNext(range: NumberRange, what: string, changes: Changes): number {
    const number = range.takeNext();
    if (number === undefined) throw internalError(`failed to allocate a ${what}: range is full`);
    changes.undo.push(() => range.release(number));
    return number;
  }

  function allocateAddress(spec: ServiceSpec, changes: Changes): FieldError[] {
    const requested = spec.clusterIPs?.[0] ?? spec.clusterIP;
    if (requested === headless) return [];
    if (requested) return takeRequestedAddress(spec, requested, changes);
    const address = formatIPv4(takeNext(addresses, 'serviceIP', changes));
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
      const valid = formatCidr(cidr);
      return refuse(
        `the provided IP (${requested}) is not in the valid range. The range of valid IPs is ${valid}`,
      );
    }
    return take(addresses, number, changes) ? [] : refuse('provided IP is already allocated');
  }

  function allocatePorts(spec: ServiceSpec, held: ReadonlySet<number>, changes: Changes): FieldError[] {
    const errors: FieldError[] = [];
    const list = spec.ports ?? [];
    // Ports of one number and several protocols (53/TCP and 53/UDP) share a node port.
    const mine = new Map<number, number>();
    const own = new Set(held);
    list.forEach((port, index) => {
      const wanted = port.nodePort || mine.get(port.port) || requestedFor(list, port.port);
      if (!wanted) {
        port.nodePort = takeNext(ports, 'nodePort', changes);
      } else {
        const error = own.has(wanted)
          ? undefined
          : takePort(wanted, `spec.ports[${index}].nodePort`, changes);
        if (error) errors.push(error);
        port.nodePort = wanted;
      }
      own.add(port.nodePort);
      mine.set(port.port, port.nodePort);
    });
    return errors;
  }

  function takePort(number: number, field: string, changes: Changes): FieldError | undefined {
    if (!ports.includes(number)) {
      const range = `${nodePortFirst}-${nodePortLast}`;
      const why = `provided port is not in the valid range. The range of valid ports is ${range}`;
      return invalidValue(field, number, why);
    }
    if (take(ports, number, changes)) return undefined;
    return invalidValue(field, number, 'provided port is already allocated');
  }

  function allocateHealthPort(spec: ServiceSpec, held: number | undefined, changes: Changes): FieldError[] {
    if (!needsHealthPort(spec) || (held !== undefined && spec.healthCheckNodePort === held)) return [];
    if (!spec.healthCheckNodePort) {
      spec.healthCheckNodePort = takeNext(ports, 'healthCheckNodePort', changes);
      return [];
    }
    const error = takePort(spec.healthCheckNodePort, 'spec.healthCheckNodePort', changes);
    return error ? [error] : [];
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
      const errors = allocate(spec, old?.spec, before, changes);
      if (errors.length > 0) throw invalid(serviceKind, service.metadata?.name ?? '', errors);
    } catch (error) {
      undo();
      throw error;
    }
    // Not before it is stored: until then the old service holds it, and a write that fails keeps it.
    return { undo, done: () => releaseUnused(before, heldBy(service.spec)) };
  }

  function allocate(
    spec: ServiceSpec,
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
    if (kept === undefined || !before.addresses.has(kept)) errors.push(...allocateAddress(spec, changes));
    if (wantsNodePorts(spec)) errors.push(...allocatePorts(spec, before.ports, changes));
    errors.push(...allocateHealthPort(spec, old?.healthCheckNodePort, changes));
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
  const nodePorts = (spec.ports ?? []).map((port) => port.nodePort ?? 0);
  return {
    addresses: new Set(all.flatMap((address) => addressNumber(address) ?? [])),
    ports: new Set([...nodePorts, spec.healthCheckNodePort ?? 0].filter((number) => number > 0)),
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

function wantsNodePorts(spec: ServiceSpec): boolean {
  if (spec.type === 'NodePort') return true;
  if (spec.type !== 'LoadBalancer') return false;
  return spec.allocateLoadBalancerNodePorts !== false || (spec.ports ?? []).some((port) => port.nodePort);
}

function needsHealthPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function requestedFor(ports: readonly ServicePort[], port: number): number | undefined {
  return ports.find((one) => one.port === port && one.nodePort)?.nodePort;
}
