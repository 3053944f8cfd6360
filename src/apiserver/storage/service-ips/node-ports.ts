/**
 * Which node ports a service gets, decided over the numbers that are taken at the moment: pure, so that the
 * decision can be made again when another API server was faster. Follows upstream's storage of services
 * (initNodePorts, updateNodePorts).
 */

import type { ServicePort, ServiceSpec } from '#api/generated/types.gen.ts';
import { internalError, invalid, unknownError } from '#api/meta/status.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import { type RangeBounds, staticBandSize } from './number-range.ts';

/** `service-node-port-range`; upstream's default. */
export function nodePortBounds({ first, last } = { first: 30000, last: 32767 }): RangeBounds {
  return { first, last, staticBand: staticBandSize(last - first + 1, 32, 16, 128) };
}

/** Where the numbers come from: a `NumberRange`, or what a dry run pretends. */
export interface PortNumbers {
  readonly bounds: RangeBounds;
  includes(number: number): boolean;
  /** False when it is taken already. */
  take(number: number): boolean;
  /** Undefined when there is none left. */
  takeNext(): number | undefined;
}

/** Upstream's: a dry run without a port of its own gets the next number. */
const firstPretended = 32_768;
/** Upstream looks for a free number below this only; above, a pretended number may be taken. */
const searchedBelow = 100;
/** Upstream's number overflows, after the highest that a client can ask for. */
const asInt32 = (number: number) => number | 0;

/**
 * A dry run takes nothing. As upstream, its Service gets pretended numbers above the highest of its own, and may name any
 * number that is free.
 */
export function dryRunPorts(taken: ReadonlySet<number>, bounds: RangeBounds): PortNumbers {
  const own = new Set<number>();
  const take = (number: number) => !taken.has(number) && !own.has(number) && own.add(number) === own;
  return {
    bounds,
    includes: () => true,
    take,
    takeNext() {
      const next = (own.size === 0 ? firstPretended : Math.max(0, ...own)) + 1;
      for (let number = next; number < searchedBelow; number++) if (take(number)) return number;
      own.add(next);
      return asInt32(next);
    },
  };
}

/** What the service is to be stored with, and which numbers were taken for it. */
export interface GivenPorts {
  readonly ports: ServicePort[] | undefined;
  readonly healthCheckNodePort: number | undefined;
  readonly taken: readonly number[];
}

/** Throws 422 or 500 in upstream's words. `old` is absent for a new service. */
export function givePorts(
  service: { readonly name: string; readonly spec: ServiceSpec },
  old: ServiceSpec | undefined,
  numbers: PortNumbers,
): GivenPorts {
  const taking = new Taking(service.name, numbers);
  const spec = { ...service.spec, ...(service.spec.ports ? { ports: service.spec.ports.map(copyOf) } : {}) };
  if (mayHaveNodePorts(spec)) {
    if (old) updatePorts(spec, nodePortsOf(old), taking);
    else initPorts(spec, taking);
  }
  giveHealthPort(spec, old, taking);
  return { ports: spec.ports, healthCheckNodePort: spec.healthCheckNodePort, taken: taking.taken };
}

/** Every number that the service holds. */
export function heldPorts(spec: ServiceSpec | undefined): ReadonlySet<number> {
  if (!spec || spec.type === 'ExternalName') return new Set();
  const health = spec.healthCheckNodePort || undefined;
  return new Set([...nodePortsOf(spec), ...(health === undefined ? [] : [health])]);
}

class Taking {
  readonly taken: number[] = [];
  readonly #name: string;
  readonly #numbers: PortNumbers;

  constructor(name: string, numbers: PortNumbers) {
    this.#name = name;
    this.#numbers = numbers;
  }

  /** Why it cannot be had, if so. */
  refusalOf(number: number): string | undefined {
    if (!this.#numbers.includes(number)) {
      const { first, last } = this.#numbers.bounds;
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    }
    if (!this.#numbers.take(number)) return 'provided port is already allocated';
    this.taken.push(number);
    return undefined;
  }

  take(number: number, index: number): void {
    const why = this.refusalOf(number);
    if (why === undefined) return;
    const error = invalidValue(`spec.ports[${index}].nodePort`, number, why);
    throw invalid({ group: '', kind: 'Service' }, this.#name, [error]);
  }

  /** `what` it is, in the words of the error when there is none left. */
  takeNext(what: string): number {
    const number = this.#numbers.takeNext();
    if (number === undefined) throw internalError(`failed to allocate a ${what}: range is full`);
    this.taken.push(number);
    return number;
  }
}

/** Of a new service. Ports of one number and several protocols (53/TCP and 53/UDP) share a node port. */
function initPorts(spec: ServiceSpec, taking: Taking): void {
  const ports = spec.ports ?? [];
  const requested = requestedByPort(ports);
  const byPort = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !allocatesNodePorts(spec)) continue;
    const shared = byPort.get(port.port);
    const wanted = shared === undefined ? requested.get(port.port) : port.nodePort || shared;
    if (wanted !== undefined && wanted !== shared) taking.take(wanted, index);
    port.nodePort = wanted ?? taking.takeNext('nodePort');
    if (shared === undefined) byPort.set(port.port, port.nodePort);
  }
}

/** Of a changed service, in which ports of one number share a node port only if the request says so. */
function updatePorts(spec: ServiceSpec, held: ReadonlySet<number>, taking: Taking): void {
  const own = new Set(held);
  const seen = new Set<string>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !allocatesNodePorts(spec)) continue;
    if (!port.nodePort) {
      port.nodePort = taking.takeNext('nodePort');
    } else if (!own.has(port.nodePort)) {
      taking.take(port.nodePort, index);
      own.add(port.nodePort);
    }
    const text = `{${port.protocol ?? ''} ${port.nodePort}}`;
    if (seen.has(text)) throw unknownError(`duplicate nodePort: ${text}`);
    seen.add(text);
  }
}

function giveHealthPort(spec: ServiceSpec, old: ServiceSpec | undefined, taking: Taking): void {
  if (!needsHealthPort(spec) || (old && needsHealthPort(old))) return;
  const wanted = spec.healthCheckNodePort;
  if (!wanted) {
    spec.healthCheckNodePort = taking.takeNext('HealthCheck NodePort 0');
    return;
  }
  const why = taking.refusalOf(wanted);
  if (why) throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`);
}

function mayHaveNodePorts(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** Whether ports without a requested node port get one too. */
function allocatesNodePorts(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false;
}

function needsHealthPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function nodePortsOf(spec: ServiceSpec): ReadonlySet<number> {
  return new Set((spec.ports ?? []).flatMap(({ nodePort }) => nodePort || []));
}

/** The requested node port of each port: the first of them, where several are named. */
function requestedByPort(ports: readonly ServicePort[]): ReadonlyMap<number, number> {
  const requested = new Map<number, number>();
  for (const { port, nodePort } of ports) {
    if (nodePort && !requested.has(port)) requested.set(port, nodePort);
  }
  return requested;
}

function copyOf(port: ServicePort): ServicePort {
  return { ...port };
}
