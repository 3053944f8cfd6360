/**
 * Deletes pods whose devices have NoExecute taints that their claims do not tolerate, or no longer tolerate.
 *
 * Reads pods, claims and slices; writes the condition DisruptionTarget, deletes pods, writes Events. Follows
 * upstream's device taint eviction controller; DeviceTaintRules are off by default in v1.36.
 */

import { pods as podsType, resourceClaims, resourceSlices } from '#api/generated/kinds.gen.ts';
import type {
  DeviceRequestAllocationResult,
  DeviceTaint,
  Pod,
  ResourceSlice,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { observedGeneration } from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { rfc3339 } from '#base/clock.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, type Plan, targetOf } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';
import { evicting, evictionTimeMs } from './device-eviction.ts';

type Claim = Stored<ResourceV1ResourceClaim>;
type Slice = Stored<ResourceSlice>;

const byPool = 'pool of devices';

export const deviceTaintEviction = defineController({
  name: 'device-taint-eviction-controller',
  workers: 8,
  start({ env, informers, enqueue }) {
    const pods = informers.for(podsType);
    const claims = informers.for(resourceClaims);
    const slices = informers.for(resourceSlices);
    claims.addIndex(byPool, ({ status }) => [
      ...new Set((status?.allocation?.devices?.results ?? []).map(({ driver, pool }) => `${driver}/${pool}`)),
    ]);
    slices.addIndex(byPool, (slice) => [poolOf(slice)]);
    /** Pods that wait for their deletion. */
    const waiting = new Set<string>();
    const taints = (device: DeviceRequestAllocationResult) =>
      taintsOf(slices.byIndex(byPool, `${device.driver}/${device.pool}`), device.device);
    return {
      watches: [
        watch({ type: podsType, on: ['listed', 'added', 'updated'], filter: usesClaims }),
        watch({
          type: podsType,
          on: [],
          note: (change, pod) => void (change === 'deleted' && waiting.delete(keyOf(pod))),
        }),
        watch({
          type: resourceClaims,
          keys: consumersOf,
          note(_change, _claim, old) {
            for (const key of old ? consumersOf(old) : []) if (waiting.has(key)) enqueue(key);
          },
        }),
        watch({
          type: resourceSlices,
          changed: (old, slice) => !deepEqual(taintedIn(old), taintedIn(slice)),
          keys: (slice) => claims.byIndex(byPool, poolOf(slice)).flatMap(consumersOf),
        }),
      ],
      reconcile(key): Plan {
        const pod = pods.get(...splitKey(key));
        const claim = (name: string) => claims.get(pod?.metadata.namespace, name);
        const atMs = pod && evictionTimeMs({ pod, claim, taints });
        if (!pod || atMs === undefined) {
          return { actions: waiting.delete(key) && pod ? [podEvent(pod, 'Cancelling deletion')] : [] };
        }
        const nowMs = env.clock.now();
        if (atMs > nowMs) {
          waiting.add(key);
          return { actions: [], againInMs: atMs - nowMs };
        }
        waiting.delete(key);
        return { actions: evict(pod, nowMs) };
      },
    };
  },
});

function usesClaims({ spec }: Stored<Pod>): boolean {
  return (spec?.resourceClaims?.length ?? 0) > 0;
}

/** The keys of the pods that a claim is reserved for. */
function consumersOf({ metadata, status }: Claim): string[] {
  return (status?.reservedFor ?? []).flatMap(({ apiGroup, resource, name }) =>
    !apiGroup && resource === podsType.resource ? [`${metadata.namespace}/${name}`] : [],
  );
}

function poolOf({ spec }: Slice): string {
  return `${spec.driver}/${spec.pool.name}`;
}

/** In the newest generation of the pool. */
function taintsOf(slices: readonly Slice[], device: string): readonly DeviceTaint[] {
  const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  for (const { spec } of slices) {
    const found = spec.devices?.find(({ name }) => name === device);
    if (found && spec.pool.generation === newest) return found.taints ?? [];
  }
  return [];
}

/** What of a slice decides about evictions. */
function taintedIn({ spec }: Slice): unknown {
  const devices = (spec.devices ?? []).map(({ name, taints }) => [name, evicting(taints)] as const);
  const tainted = devices.filter(([, taints]) => taints.length > 0);
  return { tainted, generation: spec.pool.generation };
}

function evict(pod: Stored<Pod>, nowMs: number): Action[] {
  const target = targetOf(podsType, pod);
  const { uid } = pod.metadata;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByDeviceTaintManager',
    message: 'Device Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: rfc3339(nowMs),
    ...observedGeneration(pod),
  };
  const patch = { metadata: { uid }, status: { conditions: [condition] } };
  return [
    podEvent(pod, 'Marking for deletion'),
    { do: 'patch', ...target, patchType: 'strategic', patch, subresource: 'status', ignore: ['NotFound'] },
    { do: 'delete', ...target, uid },
  ];
}

function podEvent({ metadata }: Stored<Pod>, message: string): Action {
  const regarding = { apiVersion: 'v1', kind: 'Pod', metadata };
  return eventAction(regarding, 'Normal', 'DeviceTaintManagerEviction', message);
}
