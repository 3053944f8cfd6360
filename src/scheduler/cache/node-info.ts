/** A node with sums over its pods, updated pod by pod. */

import type { Node, Taint } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { HostPorts } from '#api/pods/host-ports.ts';
import { addAmounts, noAmounts, type PlainAmounts, plainAmounts } from '#api/pods/plain-amounts.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { PodInfo } from './pod-info.ts';

const noLabels: Readonly<Record<string, string>> = {};
const noTaints: readonly Taint[] = [];

export class NodeInfo {
  readonly name: string;
  /** Undefined while pods name a node that has not been observed yet. */
  node: Stored<Node> | undefined;
  labels = noLabels;
  unschedulable = false;
  /** Taints with NoSchedule and NoExecute: they filter. */
  hardTaints = noTaints;
  /** Taints with PreferNoSchedule: they only score. */
  softTaints = noTaints;
  allocatable: PlainAmounts = noAmounts();
  podsMax = 0;
  /** By image name, `repository:tag`; sizes in bytes. */
  images: ReadonlyMap<string, number> = new Map();
  requested: PlainAmounts = noAmounts();
  nonZeroMilliCpu = 0;
  nonZeroMemoryBytes = 0;
  ports = new HostPorts();
  readonly pods = new Map<string, PodInfo>();

  constructor(name: string) {
    this.name = name;
  }

  setNode(node: Stored<Node>): void {
    this.node = node;
    // Without a prototype: it is asked for keys that users write, such as `constructor`.
    this.labels = { __proto__: null, ...node.metadata.labels } as unknown as typeof noLabels;
    this.unschedulable = node.spec?.unschedulable === true;
    const taints = node.spec?.taints ?? noTaints;
    this.hardTaints = taints.filter((taint) => taint.effect !== 'PreferNoSchedule');
    this.softTaints = taints.filter((taint) => taint.effect === 'PreferNoSchedule');
    const allocatable = node.status?.allocatable as Record<string, string> | undefined;
    this.allocatable = plainAmounts.of(allocatable);
    this.podsMax = quantityValue(allocatable?.['pods']);
    this.images = imagesOf(node);
  }

  /** The node was deleted; pods may still name it. */
  clearNode(): void {
    this.node = undefined;
    this.labels = noLabels;
    this.images = new Map();
  }

  addPod(pod: PodInfo): void {
    this.#count(pod, 1);
    this.pods.set(pod.key, pod);
    for (const port of pod.hostPorts) this.ports.add(port);
  }

  removePod(pod: PodInfo): void {
    this.#count(pod, -1);
    this.pods.delete(pod.key);
    for (const port of pod.hostPorts) this.ports.remove(port);
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    addAmounts(this.requested, pod.requests, sign);
    this.nonZeroMilliCpu += sign * pod.nonZeroRequests.milliCpu;
    this.nonZeroMemoryBytes += sign * pod.nonZeroRequests.memoryBytes;
  }
}

function imagesOf(node: Node): Map<string, number> {
  const images = new Map<string, number>();
  for (const image of node.status?.images ?? []) {
    for (const name of image.names ?? []) images.set(name, Number(image.sizeBytes ?? 0));
  }
  return images;
}
