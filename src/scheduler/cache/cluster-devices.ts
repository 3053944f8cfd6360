/**
 * Devices and the claims for them, as the scheduler has decided about them: ahead of what the informers show,
 * so that the next pod does not get a device that the last one was given.
 */

import type { AllocationResult, DeviceClass, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import type { Lister } from '#client/informers/informer.ts';
import { AllocatedDevices } from '../devices/allocated-devices.ts';
import type { Slice } from '../devices/pool.ts';
import { SliceIndex } from '../devices/slice-index.ts';

type Claim = Stored<ResourceV1ResourceClaim>;

export interface DeviceSources {
  readonly claims: Pick<Lister<ResourceV1ResourceClaim>, 'get'>;
  readonly slices: { list(): readonly Slice[] };
  readonly classes: Pick<Lister<DeviceClass>, 'get' | 'list'>;
  /** Claims for the extended resources of the pod with this UID. */
  extendedClaims(podUid: string): readonly Claim[];
}

/** Without a claim or a device. */
export const noDevices: DeviceSources = {
  claims: { get: () => undefined },
  slices: { list: () => [] },
  classes: { get: () => undefined, list: () => [] },
  extendedClaims: () => [],
};

/** What the allocation of devices needs besides objects. */
export interface DeviceTools {
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly random: Pick<Random, 'uuid'>;
}

/** Time stands still. */
const noTools: DeviceTools = {
  clock: { now: () => 0, monotonicMs: () => 0 },
  random: { uuid: () => '' },
};

export class ClusterDevices {
  readonly tools: DeviceTools;
  readonly allocated = new AllocatedDevices();
  readonly #sources: DeviceSources;
  /** By key: claims as the API server returned them to this scheduler. */
  readonly #assumed = new Map<string, Claim>();
  /** By the claim's UID. */
  readonly #beingAllocated = new Map<string, AllocationResult>();
  /** The allocations that `allocated` contains, by the claim's UID. */
  readonly #counted = new Map<string, AllocationResult>();
  #index: SliceIndex | undefined;
  #classes: ReadonlyMap<string, DeviceClass> | undefined;
  #revision = 0;

  constructor(sources: DeviceSources = noDevices, tools: DeviceTools = noTools) {
    this.#sources = sources;
    this.tools = tools;
  }

  /** Changes with every change of devices, their classes, and who has them. */
  get revision(): number {
    return this.#revision;
  }

  /** The newer of what is assumed and what the informer shows. */
  claim(namespace: string, name: string): Claim | undefined {
    const shown = this.#sources.claims.get(namespace, name);
    return shown && this.#newest(shown);
  }

  deviceClass(name: string): DeviceClass | undefined {
    return this.#sources.classes.get(undefined, name);
  }

  /** The class whose devices stand for an extended resource. */
  classOfResource(resource: string): DeviceClass | undefined {
    this.#classes ??= classesByResource(this.#sources.classes.list());
    return this.#classes.get(resource);
  }

  /** The claim that this scheduler has created for the extended resources of a pod, in vain. */
  extendedClaimOf(podUid: string): Claim | undefined {
    const [shown] = this.#sources.extendedClaims(podUid);
    return shown && this.#newest(shown);
  }

  get slices(): SliceIndex {
    this.#index ??= new SliceIndex(this.#sources.slices.list());
    return this.#index;
  }

  slicesChanged(): void {
    this.#index = undefined;
    this.#revision++;
  }

  classesChanged(): void {
    this.#classes = undefined;
    this.#revision++;
  }

  /** A pod that is being bound gives this allocation to the claim. */
  isBeingAllocated(uid: string): boolean {
    return this.#beingAllocated.has(uid);
  }

  beginAllocation(claim: Claim, allocation: AllocationResult): void {
    this.#beingAllocated.set(claim.metadata.uid, allocation);
    this.#count(claim.metadata.uid, claim.status?.allocation);
  }

  /** Written or given up. */
  endAllocation({ metadata }: Claim): void {
    if (!this.#beingAllocated.delete(metadata.uid)) return;
    this.#count(metadata.uid, this.claim(metadata.namespace ?? '', metadata.name)?.status?.allocation);
  }

  /** As the API server has returned it; ignored when the informer has shown that it is gone. */
  assumeClaim(claim: Claim): void {
    const { namespace = '', name, uid } = claim.metadata;
    if (this.#sources.claims.get(namespace, name)?.metadata.uid !== uid) return;
    this.#assumed.set(keyOf(claim), claim);
    this.claimShown(claim);
  }

  /** An informer has shown this claim. */
  claimShown(shown: Claim): void {
    const newest = this.#newest(shown);
    if (newest.status?.allocation) this.#beingAllocated.delete(shown.metadata.uid);
    if (newest === shown && this.#assumed.get(keyOf(shown)) !== shown) this.#assumed.delete(keyOf(shown));
    this.#count(newest.metadata.uid, newest.status?.allocation);
  }

  claimGone(claim: Claim): void {
    this.#assumed.delete(keyOf(claim));
    this.#beingAllocated.delete(claim.metadata.uid);
    this.#count(claim.metadata.uid, undefined);
  }

  #newest(shown: Claim): Claim {
    const assumed = this.#assumed.get(keyOf(shown));
    if (!assumed || assumed.metadata.uid !== shown.metadata.uid) return shown;
    const isOvertaken = BigInt(shown.metadata.resourceVersion) >= BigInt(assumed.metadata.resourceVersion);
    return isOvertaken ? shown : assumed;
  }

  /** `allocation`: that of the claim's status. */
  #count(uid: string, allocation: AllocationResult | undefined): void {
    const now = allocation ?? this.#beingAllocated.get(uid);
    const before = this.#counted.get(uid);
    if (before === now) return;
    this.#revision++;
    if (before) this.allocated.remove(before);
    if (now) {
      this.allocated.add(now);
      this.#counted.set(uid, now);
    } else {
      this.#counted.delete(uid);
    }
  }
}

const implicitPrefix = 'deviceclass.resource.kubernetes.io/';

/** A resource that several classes name is the newest one's, then that of the first name. */
function classesByResource(classes: readonly Stored<DeviceClass>[]): Map<string, Stored<DeviceClass>> {
  const byResource = new Map<string, Stored<DeviceClass>>();
  for (const each of classes) {
    byResource.set(`${implicitPrefix}${each.metadata.name}`, each);
    const resource = each.spec.extendedResourceName;
    if (resource === undefined) continue;
    const known = byResource.get(resource);
    if (!known || isPreferred(each, known)) byResource.set(resource, each);
  }
  return byResource;
}

function isPreferred({ metadata: a }: Stored<DeviceClass>, { metadata: b }: Stored<DeviceClass>): boolean {
  const newer = Date.parse(a.creationTimestamp) - Date.parse(b.creationTimestamp);
  return newer === 0 ? a.name < b.name : newer > 0;
}

function keyOf({ metadata }: Stored<KubeObject>): string {
  return `${metadata.namespace}/${metadata.name}`;
}
