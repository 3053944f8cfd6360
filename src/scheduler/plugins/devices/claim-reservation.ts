/**
 * Holds the devices that were found for a pod's claims, writes that into the claims before the pod is bound,
 * and waits until their drivers have prepared them.
 */

import { claimFinalizer } from '#api/devices/names.ts';
import { consumerOf, isReservedFor } from '#api/devices/pod-claim.ts';
import { pods, resourceClaims } from '#api/generated/kinds.gen.ts';
import type { AllocationResult } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { pause, rfc3339 } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import type { ClusterDevices } from '../../cache/cluster-devices.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { claimText } from '../../devices/request.ts';
import type { Reservation, Waiting } from '../../framework.ts';
import { hasTimedOut, mustBePrepared, readiness } from './binding-conditions.ts';
import type { Claim } from './claims-of-pod.ts';
import { deleteClaim } from './delete-claim.ts';
import { pluginName } from './device-filter.ts';
import type { ExtendedClaim } from './extended-demand.ts';

/** How often a claim is written again that others write at the same time. */
const attemptsMax = 5;
const pollMs = 5_000;

export interface ClaimReservationParts {
  readonly pod: PodInfo;
  readonly node: string;
  readonly claims: readonly Claim[];
  /** Of the claims that are not allocated yet. */
  readonly allocations: ReadonlyMap<Claim, AllocationResult>;
  /** A claim among `allocations` that does not exist yet. */
  readonly extended: ExtendedClaim | undefined;
  readonly devices: ClusterDevices;
  readonly bindingTimeoutMs: number;
}

export class ClaimReservation implements Reservation {
  readonly plugin = pluginName;
  readonly #parts: ClaimReservationParts;
  /** As they are found, then as they are written. */
  #claims: readonly Claim[];
  /** As created for the pod's extended resources. */
  #created: Claim | undefined;

  constructor(parts: ClaimReservationParts) {
    this.#parts = parts;
    this.#claims = parts.claims;
    for (const [claim, allocation] of parts.allocations) parts.devices.beginAllocation(claim, allocation);
  }

  async write(client: Client): Promise<void> {
    const { pod, claims, allocations, devices } = this.#parts;
    for (const [i, claim] of claims.entries()) {
      if (isReservedFor(pod.pod, claim)) continue;
      const written = await this.#bind(client, claim, allocations.get(claim));
      devices.assumeClaim(written);
      devices.endAllocation(written);
      this.#claims = this.#claims.with(i, written);
    }
    const { extended } = this.#parts;
    if (extended) await this.#writeExtended(client, extended);
  }

  /** Creates the claim, allocates it, and names it in the pod's status. */
  async #writeExtended(client: Client, { claim, mappings }: ExtendedClaim): Promise<void> {
    const { pod, devices, allocations } = this.#parts;
    const { generateName, namespace = '', ownerReferences, annotations } = claim.metadata;
    const metadata = { generateName, namespace, ownerReferences, annotations };
    const created = await step('create claim for extended resources', () =>
      client.create(resourceClaims, { metadata, spec: claim.spec } as Claim),
    );
    this.#created = created;
    const allocation = allocations.get(claim);
    // Until the informer shows it: the claim that was found has no UID that it could be known by.
    if (allocation) devices.beginAllocation(created, allocation);
    const written = await this.#bind(client, created, allocation);
    this.#created = written;
    this.#claims = [...this.#claims, written];
    devices.assumeClaim(written);
    const { name, uid } = pod.pod.metadata;
    const status = { resourceClaimName: written.metadata.name, requestMappings: mappings };
    const patch = { metadata: { uid }, status: { extendedResourceClaimStatus: status } };
    await step(`update pod ${namespace}/${name} ExtendedResourceClaimStatus`, () =>
      client.patch(pods, { namespace, name }, 'strategic', patch, { subresource: 'status' }),
    );
  }

  async settled({ clock, signal, report }: Waiting): Promise<void> {
    if (!this.#claims.some(mustBePrepared)) return;
    const { node, bindingTimeoutMs } = this.#parts;
    report('BindingConditionsPending', `waiting for binding conditions for device on node ${node}`);
    const endMs = clock.monotonicMs() + bindingTimeoutMs;
    while (!this.#areReady(clock.now())) {
      if (clock.monotonicMs() >= endMs) throw new Error('device binding timeout: context deadline exceeded');
      await pause(clock, pollMs, signal);
      if (signal.aborted) throw new Error('context canceled');
    }
  }

  /** Claims stay allocated: the pod is tried again, and most likely on the same node. One that was created goes. */
  async undo(client: Client): Promise<void> {
    const { pod } = this.#parts;
    if (this.#created) await deleteClaim(client, this.#created);
    for (const { metadata, status } of this.#claims) {
      if (metadata.uid === this.#created?.metadata.uid) continue;
      if (!status?.allocation || !isReservedFor(pod.pod, { spec: {}, status })) continue;
      const { namespace = '', name, uid } = metadata;
      const consumer = { $patch: 'delete', uid: pod.uid };
      const patch = { metadata: { uid }, status: { reservedFor: [consumer] } };
      await client.patch(resourceClaims, { namespace, name }, 'strategic', patch, { subresource: 'status' });
    }
  }

  release(): void {
    const { allocations, devices } = this.#parts;
    for (const claim of allocations.keys()) devices.endAllocation(claim);
  }

  async #bind(client: Client, found: Claim, allocation: AllocationResult | undefined): Promise<Claim> {
    let claim = found;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryToBind(client, claim, allocation);
      } catch (error) {
        const isConflict = error instanceof StepError && error.isConflict;
        if (!isConflict || attempt >= attemptsMax) throw error;
        claim = await this.#newest(client, claim);
      }
    }
  }

  async #newest(client: Client, { metadata }: Claim): Promise<Claim> {
    const { namespace = '', name } = metadata;
    return step(`get updated claim ${namespace}/${name} after conflict`, () =>
      client.get(resourceClaims, { namespace, name }),
    );
  }

  async #tryToBind(client: Client, claim: Claim, allocation: AllocationResult | undefined): Promise<Claim> {
    const text = claimText(claim);
    if (claim.metadata.deletionTimestamp) throw new Error(`claim ${text} got deleted in the meantime`);
    if (allocation && claim.status?.allocation) {
      throw new Error(`claim ${text} got allocated elsewhere in the meantime`);
    }
    const marked = allocation ? await this.#mark(client, claim) : claim;
    const given = allocation ?? marked.status?.allocation;
    if (!given) throw new Error(`claim ${text} got deallocated elsewhere in the meantime`);
    const { pod, devices } = this.#parts;
    const timed = {
      ...given,
      allocationTimestamp: given.allocationTimestamp ?? rfc3339(devices.tools.clock.now()),
    };
    const reservedFor = [...(marked.status?.reservedFor ?? []), consumerOf(pod.pod)];
    const status = { ...marked.status, allocation: timed, reservedFor };
    const what = allocation ? 'allocation and reservation' : 'reservation';
    return step(`add ${what} to claim ${text}`, () =>
      client.updateStatus(resourceClaims, { ...marked, status }),
    );
  }

  async #mark(client: Client, claim: Claim): Promise<Claim> {
    const { finalizers = [] } = claim.metadata;
    if (finalizers.includes(claimFinalizer)) return claim;
    const metadata = { ...claim.metadata, finalizers: [...finalizers, claimFinalizer] };
    return step(`add finalizer to claim ${claimText(claim)}`, () =>
      client.update(resourceClaims, { ...claim, metadata }),
    );
  }

  /** Throws what makes further waiting useless. */
  #areReady(nowMs: number): boolean {
    const { devices, bindingTimeoutMs } = this.#parts;
    this.#claims = this.#claims.map((claim) => {
      const { namespace = '', name } = claim.metadata;
      const shown = devices.claim(namespace, name);
      if (!shown) throw new Error(`could not find ResourceClaim "${namespace}/${name}"`);
      return shown;
    });
    for (const claim of this.#claims) {
      const ready = readiness(claim);
      if (ready.state === 'failed') throw new Error(ready.reason);
      if (ready.state === 'ready') continue;
      if (hasTimedOut(claim, bindingTimeoutMs, nowMs)) {
        throw new Error(`device binding timeout: claim=${claim.metadata.name}`);
      }
      return false;
    }
    return true;
  }
}

class StepError extends Error {
  readonly isConflict: boolean;

  constructor(what: string, cause: unknown) {
    super(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
    this.isConflict = cause instanceof StatusError && cause.reason === 'Conflict';
  }
}

async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new StepError(what, error);
  }
}
