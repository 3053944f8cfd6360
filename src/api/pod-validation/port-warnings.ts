/** Ports that two containers of a pod, or one twice, lay claim to. */

import type { ContainerPort, PodSpec } from '../types.gen.ts';
import { visitContainers } from './container-lists.ts';

interface Place {
  readonly container: string;
  readonly index: number;
  readonly port: ContainerPort;
}

export function portWarnings(spec: PodSpec, path: string): string[] {
  const places: Place[] = [];
  visitContainers(spec, path, ({ ports = [] }, at) => {
    for (let i = 0; i < ports.length; i++) places.push({ container: at, index: i, port: ports[i]! });
  });
  return places.length === 0 ? [] : [...numberWarnings(places), ...nameWarnings(places)];
}

function pathOf({ container, index }: Place): string {
  return `${container}.ports[${index}]`;
}

function numberWarnings(places: readonly Place[]): string[] {
  const warnings: string[] = [];
  const byNumber = new Map<string, Place[]>();
  for (const place of places) {
    const { port } = place;
    if (port.hostIP && !port.hostPort) {
      warnings.push(`${pathOf(place)}: hostIP set without hostPort: ${goText(port)}`);
    }
    const key = `${port.containerPort}/${port.protocol}`;
    const others = byNumber.get(key) ?? [];
    for (const other of others) {
      const relation = relationOf(port, other.port);
      if (relation) warnings.push(`${pathOf(place)}: ${relation} port definition with ${pathOf(other)}`);
    }
    others.push(place);
    byNumber.set(key, others);
  }
  return warnings;
}

function relationOf(one: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [one.hostIP ?? '', other.hostIP ?? ''];
  const [host, otherHost] = [one.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && host === otherHost) return 'duplicate';
  if (host === 0 || otherHost === 0) return 'overlapping';
  // Whether an address and all addresses get in each other's way is up to the runtime.
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
