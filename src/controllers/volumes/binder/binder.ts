/**
 * Binds claims and volumes to each other and keeps the phases of both. Its keys are claims, `namespace/name`,
 * and volumes, `name`.
 *
 * Reads claims, volumes, storage classes and pods; writes claims and volumes, both with their status. Follows
 * upstream's persistent volume controller, with two differences in time: a claim without a volume need not
 * wait for the next resync when a volume that fits becomes available, or its class is created.
 */

import {
  persistentVolumeClaims,
  persistentVolumes,
  pods as podsType,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { bindCompleted } from '#api/volumes/annotations.ts';
import { claimKeyOf, isReservedFor } from '#api/volumes/binding.ts';
import { findVolume } from '#api/volumes/find-volume.ts';
import { bindsAtFirstUse, classOfClaim, classOfVolume, defaultClass } from '#api/volumes/storage-class.ts';
import type { ReadClient } from '#client/client.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { type Change, watch } from '#client/controllers/watch.ts';
import { WrittenObjects } from '#client/controllers/written-objects.ts';
import type { Informers } from '#client/informers/informer.ts';
import { indexByClaim, podsOfClaim } from '../pods-by-claim.ts';
import { type ClaimView, decideClaim } from './claim.ts';
import { decideVolume } from './volume.ts';
import type { Claim, Volume } from './writes.ts';

/** Pending claims that a new volume is compared with. */
const takersMax = 100;
const byUse = 'use';
const byVolume = 'volume';
const byPendingClass = 'pending-class';

export const persistentVolumeBinder = defineController({
  name: 'persistentvolume-binder-controller',
  identity: 'persistent-volume-binder',
  eventSource: 'persistentvolume-controller',
  // Two claims decided at once could choose the same volume.
  workers: 1,
  start({ client, informers }) {
    const view = new BinderView(informers);
    return {
      watches: [
        watch({ type: persistentVolumeClaims, note: (change, claim) => view.note(change, claim) }),
        watch({ type: persistentVolumes, note: (change, volume) => view.note(change, volume) }),
        watch({
          type: persistentVolumeClaims,
          on: ['deleted'],
          keys: ({ spec }) => (spec?.volumeName ? [spec.volumeName] : []),
        }),
        watch({
          type: persistentVolumes,
          // At the start every claim is looked at anyway.
          on: ['added', 'updated', 'deleted'],
          keys: (volume) => view.claimsConcernedBy(volume),
        }),
        watch({
          type: storageClasses,
          on: ['added', 'updated'],
          keys: ({ metadata }) => [...view.pendingClaims(metadata.name), ...view.pendingClaims('')],
        }),
      ],
      wrote: (object) => view.wrote(object),
      async reconcile(key): Promise<Plan> {
        if (key.includes('/')) {
          const claim = view.claim(key);
          return claim ? decideClaim(view.ofClaim(claim)) : nothingToDo;
        }
        const volume = view.volume(key);
        return volume ? decideVolume(volume, await claimOf(volume, view, client)) : nothingToDo;
      },
    };
  },
});

/**
 * A volume must not be released because the cache lacks a claim that another program has just created and
 * bound: the server decides.
 */
async function claimOf(volume: Volume, view: BinderView, client: ReadClient): Promise<Claim | undefined> {
  const { namespace = '', name = '', uid } = volume.spec?.claimRef ?? {};
  if (!uid) return undefined;
  const cached = view.claim(`${namespace}/${name}`);
  if (cached?.metadata.uid === uid) return cached;
  if (!cached && /^(Released|Failed)$/.test(volume.status?.phase ?? '')) return undefined;
  try {
    const live = await client.get(persistentVolumeClaims, { namespace, name });
    return live.metadata.uid === uid ? live : undefined;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

class BinderView {
  readonly #informers: Informers;
  readonly #written = new WrittenObjects();

  constructor(informers: Informers) {
    this.#informers = informers;
    informers.for(persistentVolumes).addIndex(byUse, (volume) => [useOf(volume)]);
    informers.for(persistentVolumeClaims).addIndex(byVolume, ({ spec }) => named(spec?.volumeName));
    informers.for(persistentVolumeClaims).addIndex(byPendingClass, pendingClass);
    informers.for(storageClasses);
    indexByClaim(informers.for(podsType));
  }

  wrote(object: Stored<KubeObject>): void {
    this.#written.wrote(object);
  }

  note(change: Change, object: Stored<KubeObject>): void {
    if (change === 'deleted') this.#written.forget(object);
    else this.#written.seen(object);
  }

  claim(key: string): Claim | undefined {
    const claim = this.#informers.for(persistentVolumeClaims).get(...splitKey(key));
    return claim && this.#written.newest(claim);
  }

  volume(name: string): Volume | undefined {
    const volume = this.#informers.for(persistentVolumes).get(undefined, name);
    return volume && this.#written.newest(volume);
  }

  ofClaim(claim: Claim): ClaimView {
    const volumes = this.#informers.for(persistentVolumes);
    const classes = this.#informers.for(storageClasses);
    const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
    const className = classOfClaim(claim);
    const used = (use: string) => volumes.byIndex(byUse, use).map((volume) => this.#written.newest(volume));
    return {
      claim,
      named: this.volume(claim.spec?.volumeName ?? ''),
      reserved: used(`claim ${key}`).filter((volume) => isReservedFor(volume, claim)),
      free: () => used(`class ${className}`),
      storageClass: className ? classes.get(undefined, className) : undefined,
      defaultClass: () => defaultClass(classes.list()),
      waitingPods: () => this.#waitingPods(key),
    };
  }

  /** Keys of the claims that a change of this volume matters to. */
  claimsConcernedBy(volume: Volume): string[] {
    const bound = this.#informers.for(persistentVolumeClaims).byIndex(byVolume, volume.metadata.name);
    const reserved = claimKeyOf(volume);
    const free =
      reserved === undefined && volume.status?.phase === 'Available' ? this.#firstTaker(volume) : [];
    return [
      ...bound.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      ...named(reserved),
      ...free,
    ];
  }

  pendingClaims(className: string): string[] {
    const pending = this.#informers.for(persistentVolumeClaims).byIndex(byPendingClass, className);
    return pending.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }

  /** Only one can have the volume: the first claim that it fits. What is not found here, the resync finds. */
  #firstTaker(volume: Volume): string[] {
    const className = classOfVolume(volume);
    if (bindsAtFirstUse(this.#informers.for(storageClasses).get(undefined, className))) return [];
    const claims = this.#informers.for(persistentVolumeClaims).byIndex(byPendingClass, className);
    const taker = claims.slice(0, takersMax).find((claim) => findVolume(claim, [volume]) !== undefined);
    return taker ? [`${taker.metadata.namespace}/${taker.metadata.name}`] : [];
  }

  #waitingPods(key: string): string[] {
    const isWaiting = (pod: Pod) => !pod.spec?.nodeName && !isPodTerminal(pod);
    return podsOfClaim(this.#informers.for(podsType), key)
      .filter(isWaiting)
      .map(({ metadata }) => metadata.name);
  }
}

function useOf(volume: Volume): string {
  const reserved = claimKeyOf(volume);
  return reserved === undefined ? `class ${classOfVolume(volume)}` : `claim ${reserved}`;
}

function pendingClass(claim: Claim): string[] {
  const isPending = !claim.spec?.volumeName && claim.metadata.annotations?.[bindCompleted] === undefined;
  return isPending ? [classOfClaim(claim)] : [];
}

function named(name: string | undefined): string[] {
  return name === undefined || name === '' ? [] : [name];
}
