/**
 * DynamicResources: a pod with claims for devices goes where its claims have devices, or where there are free
 * devices for them, which are then allocated.
 *
 * Reads ResourceClaims, ResourceSlices and DeviceClasses; writes finalizer, `status.allocation` and
 * `status.reservedFor` of claims. Follows upstream's plugin with the features that are on by default in v1.36.
 */

import type { PluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import { SelectorCache } from '#api/devices/selector.ts';
import { resourceClaims } from '#api/generated/kinds.gen.ts';
import type { DeviceRequest } from '#api/generated/types.gen.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { ClusterDevices } from '../../cache/cluster-devices.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { claimText, plainRequests } from '../../devices/request.ts';
import {
  type ClusterEvent,
  definePlugin,
  PluginError,
  type PostFilterResult,
  Rejection,
} from '../../framework.ts';
import { normalizeToMax } from '../normalize.ts';
import { ClaimReservation } from './claim-reservation.ts';
import { type Claim, claimsOfPod } from './claims-of-pod.ts';
import { deleteClaim } from './delete-claim.ts';
import { DeviceFilter, pluginName as name } from './device-filter.ts';
import { extendedDemandOf } from './extended-demand.ts';
import { KeptSearches } from './kept-searches.ts';

const selectorsMax = 1_000;

export const dynamicResources = ({ filterTimeoutMs, bindingTimeoutMs }: PluginArguments['devices']) => {
  const selectors = new SelectorCache(selectorsMax);
  const kept = new KeptSearches();
  const filters = new WeakMap<PodInfo, DeviceFilter>();
  const timeouts = { filterTimeoutMs, bindingTimeoutMs };
  return definePlugin({
    name,
    weight: 2,
    hints: [
      {
        kinds: [
          'Node/Add',
          'Node/Labels',
          'Node/Allocatable',
          'DeviceClass',
          'ResourceSlice',
          'Reservation/Undone',
        ],
      },
      {
        kinds: ['ResourceClaim'],
        helps: (pod, event, { devices }) => claimChangeHelps(claimsOfPod(pod, devices), event),
      },
    ],
    preEnqueue(pod, { devices }) {
      const claims = claimsOfPod(pod, devices);
      return typeof claims === 'string' ? new Rejection(name, [claims], true) : undefined;
    },
    preFilter(pod, { listers: { devices } }) {
      const extended = extendedDemandOf(pod, devices);
      if (!extended && !pod.pod.spec?.resourceClaims?.length) return undefined;
      const claims = usableClaims(pod, devices);
      if (claims instanceof Rejection) return claims;
      if (claims.length === 0 && !extended) return undefined;
      const searches = kept.take(pod, devices.revision, claims);
      const { clock, random } = devices.tools;
      const { slices, allocated } = devices;
      const deviceClass = (className: string) => devices.deviceClass(className);
      const filter = new DeviceFilter({
        pod,
        claims,
        extended,
        leftover: extended && devices.extendedClaimOf(pod.uid),
        allocator: { slices, allocated, deviceClass, selectors, newShareId: () => random.uuid() },
        searches,
        clock,
        ...timeouts,
        keep: () => kept.keep(pod, searches),
        take: (node, allocations, made) =>
          new ClaimReservation({
            pod,
            node: node.name,
            claims,
            allocations,
            extended: made,
            devices,
            bindingTimeoutMs,
          }),
      });
      filters.set(pod, filter);
      return {
        filter: (node) => filter.filter(node),
        reserve: (node) => filter.reserve(node),
      };
    },
    postFilter(pod, _view, cycle): PostFilterResult {
      if (!cycle.hasPrepared(name)) return { message: 'not found', isError: true };
      const filter = filters.get(pod);
      if (!filter) return { message: 'no new claims to deallocate' };
      const claim = filter.idleClaim();
      const { leftover } = filter;
      if (!claim && leftover) {
        return {
          message: 'deletion of ResourceClaim completed',
          write: (client) => deleteClaim(client, leftover),
        };
      }
      if (!claim) return { message: 'still not schedulable' };
      return {
        message: 'deallocation of ResourceClaim completed',
        async write(client) {
          await client.updateStatus(resourceClaims, { ...claim, status: {} });
        },
      };
    },
    preScore(pod) {
      const filter = filters.get(pod);
      if (!filter?.scores) return undefined;
      return { score: (node) => filter.score(node), normalize: (scores) => normalizeToMax(scores) };
    },
  });
};

/** A Rejection when a claim can be used nowhere at present. */
function usableClaims(pod: PodInfo, devices: ClusterDevices): readonly Claim[] | Rejection {
  const claims = claimsOfPod(pod, devices);
  const reason = typeof claims === 'string' ? claims : troubleWith(claims, devices);
  return reason === undefined ? (claims as readonly Claim[]) : new Rejection(name, [reason], true);
}

function troubleWith(claims: readonly Claim[], devices: ClusterDevices): string | undefined {
  for (const claim of claims) {
    if (claim.status?.allocation) continue;
    const text = claimText(claim);
    if (devices.isBeingAllocated(claim.metadata.uid)) {
      return `resource claim ${text} is in the process of being allocated`;
    }
    for (const request of claim.spec.devices?.requests ?? []) {
      const trouble = troubleWithRequest(request, text, devices);
      if (trouble !== undefined) return trouble;
    }
  }
  return undefined;
}

function troubleWithRequest(
  request: DeviceRequest,
  claim: string,
  devices: ClusterDevices,
): string | undefined {
  const wanted = plainRequests(request);
  if (wanted.length === 0) return `resource claim ${claim}, request ${request.name}: unknown request type`;
  for (const { reference, className } of wanted) {
    const unsupported = `request ${reference}: unsupported request type`;
    if (!className) throw new PluginError(name, 'prefilter', unsupported);
    if (!devices.deviceClass(className)) {
      return `request ${reference}: device class ${className} does not exist`;
    }
  }
  return undefined;
}

/** A deallocated claim frees devices for all; other changes matter to the pods of the claim. */
function claimChangeHelps(claims: readonly Claim[] | string, { object, oldObject }: ClusterEvent): boolean {
  // The pod waits for further claims.
  if (typeof claims === 'string') return false;
  const [now, before] = [object as Claim, oldObject as Claim | undefined];
  if (before?.status?.allocation && !now.status?.allocation) return true;
  if (!claims.some(({ metadata }) => metadata.uid === now.metadata.uid)) return false;
  return !before || !deepEqual(before.status, now.status);
}
