/** Warnings about ports that two containers of a pod, or one twice, use. */

import type { ContainerPort, PodSpec } from '../../../../generated/types.gen.ts';
import { visitContainers } from '../containers/lists.ts';
import { warningsMax } from './max.ts';

interface Place {
  readonly container: string;
  readonly index: number;
  /** Index among all ports of the pod. */
  readonly order: number;
  readonly port: ContainerPort;
}

export function portWarnings(spec: PodSpec, path: string): string[] {
  const places: Place[] = [];
  visitContainers(spec, path, ({ ports = [] }, at) => {
    for (let i = 0; i < ports.length; i++) {
      places.push({ container: at, index: i, order: places.length, port: ports[i]! });
    }
  });
  return places.length === 0 ? [] : [...numberWarnings(places), ...nameWarnings(places)];
}

function pathOf({ container, index }: Place): string {
  return `${container}.ports[${index}]`;
}

function numberWarnings(places: readonly Place[]): string[] {
  const warnings: string[] = [];
  /** Most ports are alone with their number: only a second one needs an index. */
  const earlier = new Map<string, Place | Claims>();
  for (const place of places) {
    if (warnings.length > warningsMax) break;
    const { port } = place;
    if (port.hostIP && !port.hostPort) {
      warnings.push(`${pathOf(place)}: hostIP set without hostPort: ${goText(port)}`);
    }
    const key = `${port.containerPort}/${port.protocol}`;
    const known = earlier.get(key);
    if (!known) {
      earlier.set(key, place);
      continue;
    }
    const claims = known instanceof Claims ? known : new Claims(known);
    for (const [other, relation] of claims.relatedTo(place)) {
      warnings.push(`${pathOf(place)}: ${relation} port definition with ${pathOf(other)}`);
      if (warnings.length > warningsMax) break;
    }
    claims.add(place);
    earlier.set(key, claims);
  }
  return warnings;
}

/** The ports of the pod so far, indexed so that only conflicting ones are visited. */
class Claims {
  readonly #all: Place[] = [];
  /** By host port (0 for none), and by host address. */
  readonly #byHost = new Map<number, Place[]>();
  readonly #byAddress = new Map<string, Place[]>();

  constructor(first: Place) {
    this.add(first);
  }

  add(place: Place): void {
    const { hostPort = 0, hostIP = '' } = place.port;
    this.#all.push(place);
    append(this.#byHost, hostPort, place);
    append(this.#byAddress, `${hostIP}:${hostPort}`, place);
  }

  /** In order of their indexes. */
  *relatedTo({ port }: Place): Iterable<[Place, string]> {
    const { hostPort = 0, hostIP = '' } = port;
    for (const other of this.#candidates(hostPort, hostIP)) {
      const relation = relationOf(port, other.port);
      if (relation) yield [other, relation];
    }
  }

  #candidates(hostPort: number, hostIP: string): readonly Place[] {
    if (hostPort === 0) return this.#all;
    const unbound = this.#byHost.get(0) ?? [];
    const same =
      hostIP === ''
        ? (this.#byHost.get(hostPort) ?? [])
        : ['', hostIP].flatMap((ip) => this.#byAddress.get(`${ip}:${hostPort}`) ?? []);
    return [...unbound.slice(0, warningsMax), ...same.slice(0, warningsMax)].sort(
      (a, b) => a.order - b.order,
    );
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function relationOf(port: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [port.hostIP ?? '', other.hostIP ?? ''];
  const [host, otherHost] = [port.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && host === otherHost) return 'duplicate';
  if (host === 0 || otherHost === 0) return 'overlapping';
  // The runtime decides whether an address conflicts with all addresses.
  return host === otherHost && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous' : undefined;
}

function nameWarnings(places: readonly Place[]): string[] {
  const firsts = new Map<string, Place>();
  return places.flatMap((place) => {
    const { name } = place.port;
    if (!name) return [];
    const known = firsts.get(name);
    if (known === undefined) {
      firsts.set(name, place);
      return [];
    }
    const first = pathOf(known);
    const text = `duplicate port name ${JSON.stringify(name)} with ${first}`;
    return [`${pathOf(place)}: ${text}, services and probes that select ports by name will use ${first}`];
  });
}

/** As Go prints the struct. */
function goText({
  name = '',
  hostPort = 0,
  containerPort,
  protocol = '',
  hostIP = '',
}: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}
