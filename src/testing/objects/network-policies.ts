/** For tests: network policies, and pods with addresses. */

import type { NetworkPolicy, NetworkPolicySpec, Pod, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { newContainer, storedMetadata, storedPod } from '../objects.ts';

/** In the namespace `default`; as stored, but for defaults that it does not name. */
export function policyOf(
  name: string,
  spec: NetworkPolicySpec,
  namespace = 'default',
): Stored<NetworkPolicy> {
  return { metadata: storedMetadata(name, { namespace }), spec };
}

export interface PolicyPodTraits {
  readonly namespace?: string;
  readonly node?: string;
  readonly labels?: Record<string, string>;
  /** TCP ports by name. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly spec?: Partial<PodSpec>;
}

/** On node `n1` by default. */
export function policyPod(name: string, ip: string, traits: PolicyPodTraits = {}): Stored<Pod> {
  const { namespace = 'default', node = 'n1', labels = {}, ports = {}, spec } = traits;
  const named = Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort }));
  return storedPod(name, {
    metadata: { namespace, labels },
    node,
    spec: { containers: [newContainer({ ports: named })], ...spec },
    status: { podIP: ip, podIPs: [{ ip }] },
  });
}
