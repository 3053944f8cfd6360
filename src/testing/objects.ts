/** For tests: stored objects with the fields that every test needs, to be completed by each test. */

import type { Container, Node, Pod, PodSpec, PodStatus } from '#api/generated/types.gen.ts';
import type { KubeObject, ObjectMeta, OwnerReference, Stored } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';

export const longAgo = '2026-01-01T00:00:00Z';

/** The uid equals the name. */
export function storedMetadata(name: string, more: ObjectMeta = {}) {
  return { name, uid: name, resourceVersion: '1', creationTimestamp: longAgo, ...more };
}

export interface PodTraits {
  readonly metadata?: ObjectMeta;
  readonly node?: string;
  readonly phase?: string;
  /** Ready since this time. */
  readonly ready?: string;
  readonly spec?: Partial<PodSpec>;
  readonly status?: PodStatus;
}

/** In the namespace `default`, running by default. */
export function storedPod(name: string, traits: PodTraits = {}): Stored<Pod> & { spec: PodSpec } {
  const { node, phase = 'Running', ready } = traits;
  const conditions = ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: ready }] : [];
  return {
    metadata: storedMetadata(name, { namespace: 'default', ...traits.metadata }),
    spec: { containers: [{ name: 'c', image: 'i' }], ...(node ? { nodeName: node } : {}), ...traits.spec },
    status: { phase, conditions, ...traits.status },
  };
}

export function newContainer(more: Partial<Container> = {}): Container {
  return { name: 'c', image: 'busybox', ...more };
}

/** As a client creates it, with one container. */
export function newPod(name: string, spec: Partial<PodSpec> = {}, namespace = 'default'): Pod {
  return { metadata: { name, namespace }, spec: { containers: [newContainer()], ...spec } };
}

export interface NodeTraits {
  readonly metadata?: ObjectMeta;
  /** `missing`: it has no such condition. */
  readonly ready?: 'True' | 'False' | 'Unknown' | 'missing';
  readonly spec?: Node['spec'];
}

export function storedNode(
  name: string,
  { metadata, ready = 'True', spec = {} }: NodeTraits = {},
): Stored<Node> {
  const condition = { type: 'Ready', status: ready, lastTransitionTime: longAgo };
  const conditions = ready === 'missing' ? [] : [condition];
  return { metadata: storedMetadata(name, metadata), spec, status: { conditions } };
}

/** With `owner` as its controller. */
export function ownedBy<T extends KubeObject>(type: ResourceType<T>, owner: Stored<T>): OwnerReference {
  const { name, uid } = owner.metadata;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
