/** For tests: autoscalers, and pods as upstream's tests of its autoscaler describe them. */

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  Pod,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { storedMetadata } from '../objects.ts';

/** Go's zero time. */
const never = '0001-01-01T00:00:00Z';

export function storedAutoscaler(
  name: string,
  spec: Partial<HorizontalPodAutoscalerSpec> = {},
  status?: HorizontalPodAutoscalerStatus,
): Stored<HorizontalPodAutoscaler> {
  return {
    metadata: storedMetadata(name, { namespace: 'default' }),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: 1,
      maxReplicas: 10,
      ...spec,
    },
    ...(status ? { status } : {}),
  };
}

/** By the pod's number; missing entries are usual. Times are seconds from now. */
export interface PodsOfCase {
  /** Of each of its two containers. */
  readonly requests?: readonly string[];
  readonly ready?: readonly string[];
  readonly started?: readonly (number | null)[];
  readonly phases?: readonly string[];
  readonly deleted?: readonly boolean[];
}

export interface CaseOptions {
  readonly count: number;
  readonly nowMs: number;
  readonly resource?: string;
  /** Readiness changed when the pod started; default: never. */
  readonly readySinceStart?: boolean;
}

/** Named `test-pod-0` and so on, with two containers. */
export function podsOfCase(pods: PodsOfCase, options: CaseOptions): Stored<Pod>[] {
  return Array.from({ length: options.count }, (_, i) => podOfCase(pods, options, i));
}

function podOfCase(pods: PodsOfCase, options: CaseOptions, i: number): Stored<Pod> {
  const { nowMs, resource = 'cpu', readySinceStart = false } = options;
  const started = pods.started?.[i] ?? undefined;
  const startTime = started === undefined ? never : rfc3339(nowMs + 1000 * started);
  const request = pods.requests?.[i];
  const resources = request === undefined ? {} : { requests: { [resource]: request } };
  const containers = ['container1', 'container2'].map((name) => ({ name, image: 'i', resources }));
  const lastTransitionTime = readySinceStart ? startTime : never;
  const deletion = pods.deleted?.[i] ? { deletionTimestamp: rfc3339(nowMs) } : {};
  return {
    metadata: storedMetadata(`test-pod-${i}`, {
      namespace: 'test-namespace',
      labels: { name: 'test-pod' },
      ...deletion,
    }),
    spec: { containers },
    status: {
      phase: pods.phases?.[i] ?? 'Running',
      startTime,
      conditions: [{ type: 'Ready', status: pods.ready?.[i] ?? 'True', lastTransitionTime }],
    },
  };
}
