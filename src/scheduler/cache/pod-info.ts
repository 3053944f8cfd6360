/** A pod with everything the scheduler asks about it more than once, worked out once. */

import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { HostPort } from '#api/pods/host-ports.ts';
import { type AffinityTerms, affinityTermsOf } from './affinity-terms.ts';
import { containerRequests, nonZero, podRequests, type Resources } from './resources.ts';

export class PodInfo {
  readonly pod: Stored<Pod>;
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly requests: Resources;
  /** As `requests`, with defaults for what is not said: for comparing nodes. */
  readonly nonZeroRequests: Resources;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: AffinityTerms | undefined;

  constructor(pod: Stored<Pod>) {
    this.pod = pod;
    this.namespace = pod.metadata.namespace ?? '';
    this.key = `${this.namespace}/${pod.metadata.name}`;
    this.uid = pod.metadata.uid;
    this.labels = pod.metadata.labels ?? {};
    this.priority = pod.spec?.priority ?? 0;
    const requestsOf = containerRequests(pod);
    this.requests = podRequests(pod, requestsOf);
    this.nonZeroRequests = podRequests(pod, nonZero(requestsOf));
    this.hostPorts = hostPortsOf(pod);
    this.affinity = affinityTermsOf(pod);
  }

  get terminating(): boolean {
    return this.pod.metadata.deletionTimestamp !== undefined;
  }
}

function hostPortsOf(pod: Pod): HostPort[] {
  const found: HostPort[] = [];
  const sidecars = (pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always');
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const port of container.ports ?? []) {
      if (!port.hostPort) continue;
      found.push({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort });
    }
  }
  return found;
}
