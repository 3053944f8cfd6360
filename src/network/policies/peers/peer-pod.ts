/** A pod as network policies see it: labels, addresses of the pod network, named ports. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isSidecar } from '#api/pods/containers.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import type { Labels } from '#api/selectors/selector.ts';
import { formatIp, parseIp } from '#api/values/ip.ts';
import { addressNumber, type Family } from '../rules/address-range.ts';
import type { NamedPorts } from '../rules/ports.ts';

export interface PodAddress {
  readonly family: Family;
  /** As the kernel prints it. */
  readonly text: string;
  readonly number: bigint;
}

export interface PeerPod {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly addresses: readonly PodAddress[];
  readonly named: NamedPorts;
  /** It runs on this node: its own traffic is judged here. */
  readonly isLocal: boolean;
}

/**
 * Undefined for a pod that has no address of its own: one of the host's network, whose traffic is its node's, and
 * one that has ended, whose address may be another pod's by now. `ips`: its addresses, where the API does not have them.
 */
export function peerPod(
  pod: Stored<Pod>,
  nodeName: string,
  ips: readonly string[] = [],
): PeerPod | undefined {
  const { metadata, spec, status } = pod;
  if (!spec || spec.hostNetwork || isPodTerminal(pod)) return undefined;
  const known = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP ? [status.podIP] : []);
  const addresses = (ips.length > 0 ? ips : known).flatMap(addressOf);
  if (addresses.length === 0) return undefined;
  const { namespace = '', name, labels = {} } = metadata;
  const isLocal = spec.nodeName === nodeName;
  return { key: `${namespace}/${name}`, namespace, labels, addresses, named: namedPorts(pod), isLocal };
}

/** None for a text that is no address. */
function addressOf(text: string): PodAddress[] {
  const ip = parseIp(text);
  return ip ? [{ family: ip.family, text: formatIp(ip), number: addressNumber(ip) }] : [];
}

/** Ports of containers and sidecars; a name may be given to several. */
function namedPorts({ spec }: Pod): NamedPorts {
  const named = new Map<string, number[]>();
  const sidecars = (spec?.initContainers ?? []).filter(isSidecar);
  for (const { ports = [] } of [...(spec?.containers ?? []), ...sidecars]) {
    for (const { name, protocol = 'TCP', containerPort } of ports) {
      if (!name) continue;
      const key = `${protocol.toLowerCase()}/${name}`;
      named.set(key, [...(named.get(key) ?? []), containerPort]);
    }
  }
  return named;
}

export function samePeer(a: PeerPod, b: PeerPod): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ labels, addresses, named, isLocal }: PeerPod): string {
  return JSON.stringify([labels, addresses.map(({ text }) => text), [...named], isLocal]);
}
