/**
 * Prepares the ResourceClaims of pods before they start, and gives their containers what the drivers made ready.
 * Upstream: pkg/kubelet/cm/dra/manager.go.
 *
 * Preparing a pod's claims:
 *   1. read the claims, and check that they are allocated and reserved for the pod; nothing is changed when one is not
 *   2. note the pod with each of them on disk: from now on they are unprepared when it has ended
 *   3. ask each driver once for all claims that are not prepared
 *   4. note their devices on disk
 *
 * When the pod has ended, the drivers unprepare what no other pod uses.
 */

import { isReservedFor, strayClaimReason } from '#api/devices/pod-claim.ts';
import { resourceClaims } from '#api/generated/kinds.gen.ts';
import type { ResourceStatus, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ContainerDevices, DeviceSource } from '../container-devices.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import type { ClaimDrivers } from './drivers.ts';
import type { DeviceHealths, HealthyDevice } from './health/device-health.ts';
import { resourceStatuses } from './health/resource-statuses.ts';
import { claimsOfPod, type NamedClaim, requestsOfContainer } from './pod-claims.ts';
import { cdiNames, type PreparedClaim, type PreparedDevice } from './prepared-claim.ts';
import type { PreparedClaims } from './prepared-claims.ts';

export interface ClaimManagerParts {
  readonly log: Log;
  readonly client: Pick<Client, 'get'>;
  readonly claims: PreparedClaims;
  readonly drivers: ClaimDrivers;
  readonly metrics: ClaimMetrics;
  readonly healths: DeviceHealths;
}

/** What the worker of a pod asks for. */
export type PodClaims = Pick<ClaimManager, 'prepare' | 'unprepare' | 'holds'>;

export class ClaimManager implements DeviceSource {
  readonly #parts: ClaimManagerParts;

  constructor(parts: ClaimManagerParts) {
    this.#parts = parts;
  }

  /** Rejects with what the pod's event is to say; harmless when the claims are prepared. */
  async prepare(pod: NodePod, signal: AbortSignal): Promise<void> {
    const { spec, status } = pod;
    if (!spec.resourceClaims?.length && !status?.extendedResourceClaimStatus) return;
    try {
      await this.#parts.metrics.operation('PrepareResources', () => this.#prepare(pod, signal));
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(`prepare dynamic resources: ${errorText(error)}`);
    }
  }

  /** Rejects when a driver is not there or fails; nothing of it is forgotten then. */
  async unprepare(podUid: string): Promise<void> {
    if (!this.holds(podUid)) return;
    try {
      await this.#parts.metrics.operation('UnprepareResources', () => this.#unprepare(podUid));
    } catch (error) {
      throw new Error(`unprepare dynamic resources: ${errorText(error)}`);
    }
  }

  /** Whether claims are to be unprepared when the pod has ended: until then its end is not reported. */
  holds(podUid: string): boolean {
    return this.#parts.claims.ofPod(podUid).length > 0;
  }

  /** Unprepares the claims of pods that this node no longer has. */
  async release(isActive: (podUid: string) => boolean): Promise<void> {
    const podUids = new Set(this.#parts.claims.list().flatMap((claim) => [...claim.podUids]));
    for (const podUid of podUids) {
      if (isActive(podUid)) continue;
      await this.#unprepare(podUid).catch((error) => {
        const problem = { podUid, error: errorText(error) };
        this.#parts.log.warn('the claims of a pod that is gone could not be unprepared', problem);
      });
    }
  }

  async devicesOf(pod: NodePod, container: AnyContainer): Promise<ContainerDevices | undefined> {
    const requests = requestsOfContainer(pod, container);
    if (requests.length === 0) return undefined;
    const names = requests.flatMap(({ claim, request }) =>
      cdiNames(this.#preparedClaim(pod, claim), request),
    );
    return { devices: [], mounts: [], envs: [], annotations: {}, cdiDevices: [...new Set(names)] };
  }

  /** The claims that a container uses, each once. */
  preparedClaims(pod: NodePod, container: AnyContainer): PreparedClaim[] {
    const names = new Set(requestsOfContainer(pod, container).map(({ claim }) => claim));
    return Array.from(names, (name) => this.#preparedClaim(pod, name));
  }

  healthOf(pod: NodePod, container: AnyContainer): ResourceStatus[] {
    const { claims, healths } = this.#parts;
    return resourceStatuses(pod, container, {
      claim: (name) => claims.get(pod.metadata.namespace ?? '', name),
      healthOf: (driver, device) => healths.of(driver, device),
    });
  }

  /** The pods that have one of these devices of the driver. */
  podsWith(driver: string, devices: readonly HealthyDevice[]): Set<string> {
    const using = this.#parts.claims
      .list()
      .filter((claim) =>
        claim.devices
          .get(driver)
          ?.some(({ poolName, deviceName }) =>
            devices.some(({ pool, device }) => pool === poolName && device === deviceName),
          ),
      );
    return new Set(using.flatMap(({ podUids }) => [...podUids]));
  }

  #preparedClaim({ metadata: { namespace = '' } }: NodePod, name: string): PreparedClaim {
    const claim = this.#parts.claims.get(namespace, name);
    if (claim) return claim;
    const what = `unable to get claim info for ResourceClaim ${name} in namespace ${namespace}`;
    throw new Error(`internal error: ${what}`);
  }

  async #prepare(pod: NodePod, signal: AbortSignal): Promise<void> {
    const { drivers, claims } = this.#parts;
    const wanted: PreparedClaim[] = [];
    for (const named of claimsOfPod(pod)) wanted.push(wantedClaim(await this.#read(pod, named)));
    for (const driver of wanted.flatMap(({ devices }) => [...devices.keys()])) drivers.get(driver);
    const names = wanted.map(({ name }) => name);
    const { namespace = '', uid } = pod.metadata;
    await claims.alone(namespace, names, () => this.#prepareAlone(uid, wanted, signal));
  }

  async #read(pod: NodePod, { name, isGenerated }: NamedClaim): Promise<Stored<ResourceV1ResourceClaim>> {
    const { namespace = '', name: podName, uid } = pod.metadata;
    const claim = await this.#parts.client.get(resourceClaims, { namespace, name }).catch((error) => {
      throw new Error(`fetch ResourceClaim ${name}: ${errorText(error)}`);
    });
    const stray = isGenerated ? strayClaimReason(pod, claim) : undefined;
    if (stray) throw new Error(stray);
    if (isReservedFor(pod, claim)) return claim;
    const named = `ResourceClaim ${name} (${claim.metadata.uid})`;
    throw new Error(`pod ${podName} (${uid}) is not allowed to use ${named}`);
  }

  async #prepareAlone(podUid: string, wanted: readonly PreparedClaim[], signal: AbortSignal): Promise<void> {
    const { claims } = this.#parts;
    const noted = wanted.map((claim) => this.#withPod(claim, podUid));
    for (const claim of noted) claims.set(claim);
    await claims.save();
    const waiting = noted.filter(({ isPrepared }) => !isPrepared);
    const prepared = new Map(waiting.map(({ uid }) => [uid, new Map<string, readonly PreparedDevice[]>()]));
    for (const [driver, batch] of byDriver(waiting)) {
      const answers = await this.#parts.drivers.get(driver).prepare(batch.map(referenceOf), signal);
      for (const [uid, devices] of answers) prepared.get(uid)?.set(driver, devices);
    }
    if (waiting.length === 0) return;
    for (const claim of waiting) {
      claims.set({ ...claim, devices: prepared.get(claim.uid) ?? new Map(), isPrepared: true });
    }
    await claims.save();
  }

  /** The claim as it is known here, with this pod too. Throws when it is known by a different uid. */
  #withPod(claim: PreparedClaim, podUid: string): PreparedClaim {
    const known = this.#parts.claims.get(claim.namespace, claim.name) ?? claim;
    if (known.uid === claim.uid) return { ...known, podUids: new Set([...known.podUids, podUid]) };
    throw new Error(
      `old ResourceClaim with same name ${claim.name} and different UID ${known.uid} still exists ` +
        '(previous pod force-deleted?!)',
    );
  }

  async #unprepare(podUid: string): Promise<void> {
    const { claims } = this.#parts;
    const held = claims.ofPod(podUid);
    const names = held.map(({ name }) => name);
    await claims.alone(held[0]?.namespace ?? '', names, () => this.#unprepareAlone(podUid));
  }

  async #unprepareAlone(podUid: string): Promise<void> {
    const { claims, drivers } = this.#parts;
    const held = claims.ofPod(podUid);
    const last = held.filter(({ podUids }) => podUids.size === 1);
    for (const claim of held) {
      if (last.includes(claim)) continue;
      claims.set({ ...claim, podUids: new Set([...claim.podUids].filter((uid) => uid !== podUid)) });
    }
    for (const [driver, batch] of byDriver(last)) {
      await drivers.get(driver).unprepare(batch.map(referenceOf));
    }
    for (const claim of last) claims.delete(claim);
    await claims.save();
  }
}

/** Not prepared yet. Throws when it is not allocated. */
function wantedClaim({ metadata, status }: Stored<ResourceV1ResourceClaim>): PreparedClaim {
  const { namespace = '', name, uid } = metadata;
  if (!status?.allocation) throw new Error(`ResourceClaim ${name}: not allocated`);
  const drivers = (status.allocation.devices?.results ?? []).map(({ driver }) => driver);
  const devices = new Map(drivers.map((driver) => [driver, []]));
  return { namespace, name, uid, podUids: new Set(), devices, isPrepared: false };
}

function byDriver(claims: readonly PreparedClaim[]): Map<string, PreparedClaim[]> {
  const batches = new Map<string, PreparedClaim[]>();
  for (const claim of claims) {
    for (const driver of claim.devices.keys()) batches.set(driver, [...(batches.get(driver) ?? []), claim]);
  }
  return batches;
}

function referenceOf({ namespace, uid, name }: PreparedClaim) {
  return { namespace, uid, name };
}
