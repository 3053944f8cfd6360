/**
 * Extended resources of a pod that device classes stand for. Where a node offers them itself, as by a device plugin,
 * they are counted as any other resource; elsewhere a claim for devices is made, which the scheduler creates in the API
 * when it has chosen the node.
 */

import { extendedResourceClaimAnnotation } from '#api/devices/names.ts';
import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { ContainerExtendedResourceRequest } from '#api/generated/types.gen.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import type { ClusterDevices } from '../../cache/cluster-devices.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { extendedRequests } from '../../devices/extended-requests.ts';
import type { Claim } from './claims-of-pod.ts';

/** Upstream's name of the claim before it exists. */
const nameBefore = '<extended-resources>';

export interface ExtendedClaim {
  readonly claim: Claim;
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

export class ExtendedDemand {
  readonly #pod: PodInfo;
  /** By resource, the class. */
  readonly #classes: ReadonlyMap<string, string>;
  readonly #newUid: () => string;
  /** By the resources that a node does not offer. */
  readonly #claims = new Map<string, ExtendedClaim>();

  constructor(pod: PodInfo, classes: ReadonlyMap<string, string>, newUid: () => string) {
    this.#pod = pod;
    this.#classes = classes;
    this.#newUid = newUid;
  }

  /** Undefined when the node offers all the resources. */
  claimFor({ allocatable }: NodeInfo): ExtendedClaim | undefined {
    const missing = [...this.#classes].filter(([resource]) => !allocatable.scalars?.get(resource));
    if (missing.length === 0) return undefined;
    const key = missing.map(([resource]) => resource).join();
    const claim = this.#claims.get(key) ?? this.#claim(new Map(missing));
    this.#claims.set(key, claim);
    return claim;
  }

  #claim(classes: ReadonlyMap<string, string>): ExtendedClaim {
    const { metadata, spec } = this.#pod.pod;
    const { namespace = '', name, uid } = metadata;
    const { requests, mappings } = extendedRequests(spec ?? { containers: [] }, classes);
    const owner = { apiVersion: apiVersionOf(podsType), kind: podsType.kind, name, uid, controller: true };
    const claim: Claim = {
      metadata: {
        name: nameBefore,
        generateName: `${name}-extended-resources-`,
        namespace,
        uid: this.#newUid(),
        resourceVersion: '0',
        creationTimestamp: '',
        ownerReferences: [owner],
        annotations: { [extendedResourceClaimAnnotation]: 'true' },
      },
      spec: { devices: { requests: [...requests] } },
    };
    return { claim, mappings };
  }
}

/** Undefined when no device class stands for a resource that the pod requests. */
export function extendedDemandOf(pod: PodInfo, devices: ClusterDevices): ExtendedDemand | undefined {
  const { scalars } = pod.requests;
  if (!scalars) return undefined;
  const classes = new Map<string, string>();
  for (const [resource, amount] of scalars) {
    const name = amount > 0 ? devices.classOfResource(resource)?.metadata?.name : undefined;
    if (name !== undefined) classes.set(resource, name);
  }
  return classes.size === 0 ? undefined : new ExtendedDemand(pod, classes, () => devices.tools.random.uuid());
}
