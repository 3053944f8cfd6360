/** For tests: the devices of a cluster, as the scheduler sees them, changed by the test. */

import { extendedResourceClaimAnnotation } from '#api/devices/names.ts';
import type { DeviceClass, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Stored } from '#api/meta/object.ts';
import { ClusterDevices, type DeviceTools } from '#scheduler/cache/cluster-devices.ts';
import type { Slice } from '#scheduler/devices/pool.ts';
import { VirtualClock } from '../virtual-clock.ts';

export interface DevicesShape {
  readonly claims?: readonly Stored<ResourceV1ResourceClaim>[];
  readonly slices?: readonly Slice[];
  readonly classes?: readonly Stored<DeviceClass>[];
  /** Default: time stands still. */
  readonly clock?: DeviceTools['clock'];
}

export class TestDevices {
  readonly devices: ClusterDevices;
  readonly #claims = new Map<string, Stored<ResourceV1ResourceClaim>>();

  constructor({ claims = [], slices = [], classes = [], clock = new VirtualClock() }: DevicesShape = {}) {
    const classOf = (_: string | undefined, name: string) =>
      classes.find(({ metadata }) => metadata.name === name);
    const sources = {
      claims: {
        get: (namespace: string | undefined, name: string) => this.#claims.get(`${namespace}/${name}`),
      },
      slices: { list: () => slices },
      classes: { get: classOf, list: () => [...classes] },
      extendedClaims: (podUid: string) =>
        [...this.#claims.values()].filter(
          (claim) =>
            claim.metadata.annotations?.[extendedResourceClaimAnnotation] === 'true' &&
            controllerOf(claim)?.uid === podUid,
        ),
    };
    const random = { uuid: () => 'uid' };
    this.devices = new ClusterDevices(sources, { clock, random });
    for (const claim of claims) this.show(claim);
  }

  /** As an informer does. */
  show(claim: Stored<ResourceV1ResourceClaim>): void {
    this.#claims.set(`${claim.metadata.namespace}/${claim.metadata.name}`, claim);
    this.devices.claimShown(claim);
  }

  remove(claim: Stored<ResourceV1ResourceClaim>): void {
    this.#claims.delete(`${claim.metadata.namespace}/${claim.metadata.name}`);
    this.devices.claimGone(claim);
  }
}
