/**
 * Makes volumes for claims on the storage of the node that the scheduler chose. It is an external provisioner
 * to the rest of the cluster: asked by an annotation of the binder, it answers with a PersistentVolume.
 *
 * Reads claims, classes and nodes; writes PersistentVolumes and events. Follows upstream's external
 * provisioner for CSI drivers: names, events, finalizer.
 */

import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { classOfClaim } from '#api/volumes/storage-class.ts';
import { BackOffs } from '#base/back-off.ts';
import { errorText } from '#base/text/error-text.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import type { NodeStorage, StorageRequest } from '../node/node-storage.ts';
import { claimEvent } from './claim-event.ts';
import { isAsked, requestOf } from './claim-request.ts';
import { accountName, provisionerName } from './names.ts';
import { volumeFor } from './own-volume.ts';
import { retryLimits } from './retries.ts';

type Claim = Stored<PersistentVolumeClaim>;

interface Provisioning {
  readonly key: string;
  readonly node: string;
  readonly storage: StorageRequest;
}

interface Views {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly nodes: Informer<Node>;
  /** By the names of the nodes that are served here. */
  readonly storages: ReadonlyMap<string, NodeStorage>;
  /** By the key of the claim. */
  readonly retries: BackOffs;
}

/** `storages`: by the names of the nodes that are served here. */
export const provisioner = (storages: ReadonlyMap<string, NodeStorage>) =>
  defineController({
    name: 'local-path-provisioner',
    identity: accountName,
    eventSource: provisionerName,
    start({ env, informers }) {
      const retries = new BackOffs(() => env.clock.monotonicMs(), retryLimits);
      const views: Views = { ...viewsOf(informers), storages, retries };
      const provision = provisionStep(views);
      return {
        watches: watchesOf(views),
        steps: [provision],
        reconcile: (key) => decide(views, provision, key),
      };
    },
  });

function viewsOf(informers: Informers): Omit<Views, 'storages' | 'retries'> {
  return {
    claims: informers.for(persistentVolumeClaims),
    volumes: informers.for(persistentVolumes),
    classes: informers.for(storageClasses),
    nodes: informers.for(nodes),
  };
}

function watchesOf({ claims }: Views): Watch[] {
  return [
    watch({ type: persistentVolumeClaims, filter: isAsked }),
    // A claim that failed for its class is looked at again when that changes.
    watch({
      type: storageClasses,
      filter: ({ provisioner: name }) => name === provisionerName,
      keys: ({ metadata }) =>
        claims
          .list()
          .filter((claim) => isAsked(claim) && classOfClaim(claim) === metadata.name)
          .map(keyOf),
    }),
    watch({ type: persistentVolumes, filter: () => false }),
    watch({ type: nodes, filter: () => false }),
  ];
}

function decide(views: Views, provision: SpecialStep<Provisioning>, key: string): Plan {
  const { claims, volumes, storages, retries } = views;
  const claim = claims.get(...splitKey(key));
  if (!claim) {
    retries.forget(key);
    return nothingToDo;
  }
  const request = requestOf(claim, classOf(views, claim), [...storages.keys()]);
  if (request.kind === 'nothing') return nothingToDo;
  const waitMs = retries.remainingMs(key);
  if (waitMs > 0) return { actions: [], againInMs: waitMs };
  if (request.kind === 'refused') return failed(views, claim, key, request.why);
  if (volumes.get(undefined, request.storage.name)) return nothingToDo;
  const message = `External provisioner is provisioning volume for claim "${key}"`;
  return {
    actions: [
      claimEvent(claim, 'Normal', 'Provisioning', message),
      special(provision, `PersistentVolume ${request.storage.name}`, { ...request, key }),
    ],
  };
}

function provisionStep(views: Views): SpecialStep<Provisioning> {
  return {
    name: 'provision',
    async carryOut({ key, node, storage }) {
      const claim = views.claims.get(...splitKey(key));
      const storageClass = claim && classOf(views, claim);
      if (!claim || !storageClass) return nothingToDo;
      try {
        const path = await views.storages.get(node)!.provision(storage);
        const labels = views.nodes.get(undefined, node)?.metadata.labels;
        const hostname = labels?.['kubernetes.io/hostname'] ?? node;
        return created(claim, volumeFor(claim, storageClass, { path, hostname }));
      } catch (error) {
        return failed(views, claim, key, errorText(error));
      }
    },
  };
}

function created(claim: Claim, volume: PersistentVolume): Plan {
  const message = `Successfully provisioned volume ${volume.metadata?.name}`;
  const ifDone = [claimEvent(claim, 'Normal', 'ProvisioningSucceeded', message)];
  return { actions: [{ do: 'create', type: persistentVolumes, object: volume, ifDone, ifTaken: [] }] };
}

function failed({ retries }: Views, claim: Claim, key: string, why: string): Plan {
  retries.next(key);
  const message = `failed to provision volume with StorageClass "${classOfClaim(claim)}": ${why}`;
  return {
    actions: [claimEvent(claim, 'Warning', 'ProvisioningFailed', message)],
    againInMs: retries.delayMs(key),
  };
}

function classOf({ classes }: Views, claim: Claim): Stored<StorageClass> | undefined {
  return classes.get(undefined, classOfClaim(claim));
}
