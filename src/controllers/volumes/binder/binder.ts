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
import { StatusError } from '#api/meta/status.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { bindCompleted } from '#api/volumes/annotations.ts';
import { claimKeyOf } from '#api/volumes/binding.ts';
import { findVolume } from '#api/volumes/find-volume.ts';
import { bindsAtFirstUse, classOfClaim, classOfVolume, defaultClass } from '#api/volumes/storage-class.ts';
import type { ReadClient } from '#client/client.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Informers } from '#client/informers/informer.ts';
import { indexByClaim, podsOfClaim } from '../pods-by-claim.ts';
import { type ClaimView, decideClaim } from './claim.ts';
import { decideVolume } from './volume.ts';
import type { Claim, Volume } from './writes.ts';

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
    const claims = informers.for(persistentVolumeClaims);
    const volumes = informers.for(persistentVolumes);
    return {
      watches: [
        watch({ type: persistentVolumeClaims }),
        watch({ type: persistentVolumes }),
        watch({
          type: persistentVolumeClaims,
          on: ['deleted'],
          keys: ({ spec }) => (spec?.volumeName ? [spec.volumeName] : []),
        }),
        watch({ type: persistentVolumes, keys: (volume) => view.claimsConcernedBy(volume) }),
        watch({
          type: storageClasses,
          on: ['added', 'updated'],
          keys: ({ metadata }) => [...view.pendingClaims(metadata.name), ...view.pendingClaims('')],
        }),
      ],
      async reconcile(key): Promise<Plan> {
        if (key.includes('/')) {
          const claim = claims.get(...splitKey(key));
          return claim ? decideClaim(view.ofClaim(claim)) : nothingToDo;
        }
        const volume = volumes.get(undefined, key);
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

  constructor(informers: Informers) {
    this.#informers = informers;
    informers.for(persistentVolumes).addIndex(byUse, (volume) => [useOf(volume)]);
    informers.for(persistentVolumeClaims).addIndex(byVolume, ({ spec }) => named(spec?.volumeName));
    informers.for(persistentVolumeClaims).addIndex(byPendingClass, pendingClass);
    informers.for(storageClasses);
    indexByClaim(informers.for(podsType));
  }

  claim(key: string): Claim | undefined {
    return this.#informers.for(persistentVolumeClaims).get(...splitKey(key));
  }

  ofClaim(claim: Claim): ClaimView {
    const volumes = this.#informers.for(persistentVolumes);
    const classes = this.#informers.for(storageClasses);
    const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
    const className = classOfClaim(claim);
    return {
      claim,
      named: volumes.get(undefined, claim.spec?.volumeName ?? ''),
      candidates: () => [
        ...volumes.byIndex(byUse, `claim ${key}`),
        ...volumes.byIndex(byUse, `class ${className}`),
      ],
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

  /** Only one can have the volume: the first claim that it fits. */
  #firstTaker(volume: Volume): string[] {
    const className = classOfVolume(volume);
    if (bindsAtFirstUse(this.#informers.for(storageClasses).get(undefined, className))) return [];
    const claims = this.#informers.for(persistentVolumeClaims).byIndex(byPendingClass, className);
    const taker = claims.find((claim) => findVolume(claim, [volume]) !== undefined);
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
