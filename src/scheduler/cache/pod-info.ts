/** A pod with everything the scheduler reads of it more than once, computed once. */

import type { Container, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type HostPort, hostPortsOf } from '#api/pods/host-ports.ts';
import { type PlainAmounts, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podRequests } from '#api/pods/resources.ts';
import { type AffinityTerms, affinityTermsOf } from './affinity-terms.ts';

export class PodInfo {
  readonly pod: Stored<Pod>;
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly requests: PlainAmounts;
  /** As `requests`, with defaults for missing requests: for scoring nodes. */
  readonly nonZeroRequests: PlainAmounts;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: AffinityTerms | undefined;

  constructor(pod: Stored<Pod>) {
    this.pod = pod;
    this.namespace = pod.metadata.namespace ?? '';
    this.key = `${this.namespace}/${pod.metadata.name}`;
    this.uid = pod.metadata.uid;
    this.labels = pod.metadata.labels ?? {};
    this.priority = pod.spec?.priority ?? 0;
    this.requests = podRequests(plainAmounts, pod, { useStatus: true });
    this.nonZeroRequests = podRequests(plainAmounts, pod, { useStatus: true, adjust: fillIn });
    this.hostPorts = hostPortsOf(pod);
    this.affinity = affinityTermsOf(pod);
  }

  /** Whose profile it is scheduled by. */
  get schedulerName(): string {
    return this.pod.spec?.schedulerName ?? '';
  }

  get terminating(): boolean {
    return this.pod.metadata.deletionTimestamp !== undefined;
  }
}

/** What a container without requests counts for when nodes are compared (never when they are filtered). */
const defaultMilliCpuRequest = 100;
const defaultMemoryRequestBytes = 200 * 1024 * 1024;

function fillIn({ resources }: Container, amounts: PlainAmounts): void {
  if (resources?.requests?.['cpu'] === undefined) amounts.milliCpu = defaultMilliCpuRequest;
  if (resources?.requests?.['memory'] === undefined) amounts.memoryBytes = defaultMemoryRequestBytes;
}
