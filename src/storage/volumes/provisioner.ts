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
import type { PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { classOfClaim } from '#api/volumes/storage-class.ts';
import { BackOffs } from '#base/back-off.ts';
import { errorText } from '#base/text/error-text.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type EventAction, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import type { NodeStorage, StorageRequest } from '../node/node-storage.ts';
import { isAsked, requestOf } from './claim-request.ts';
import { accountName, provisionerName } from './names.ts';
import { volumeFor } from './own-volume.ts';
import { retryLimits } from './retries.ts';

interface Provisioning {
  readonly key: string;
  readonly node: string;
  readonly storage: StorageRequest;
}

/** `storages`: by the names of the nodes that are served here. */
export const provisioner = (storages: ReadonlyMap<string, NodeStorage>) =>
  defineController({
    name: 'local-path-provisioner',
    identity: accountName,
    eventSource: provisionerName,
    start({ env, informers }) {
      const claims = informers.for(persistentVolumeClaims);
      const volumes = informers.for(persistentVolumes);
      const classes = informers.for(storageClasses);
      const nodeInformer = informers.for(nodes);
      const retries = new BackOffs(() => env.clock.monotonicMs(), retryLimits);
      const classOf = (claim: Stored<PersistentVolumeClaim>) => classes.get(undefined, classOfClaim(claim));

      const failed = (claim: Stored<PersistentVolumeClaim>, key: string, why: string): Plan => {
        retries.next(key);
        const message = `failed to provision volume with StorageClass "${classOfClaim(claim)}": ${why}`;
        return {
          actions: [event(claim, 'Warning', 'ProvisioningFailed', message)],
          againInMs: retries.delayMs(key),
        };
      };

      const provision: SpecialStep<Provisioning> = {
        name: 'provision',
        async carryOut({ key, node, storage }) {
          const claim = claims.get(...namesOf(key));
          const storageClass = claim && classOf(claim);
          if (!claim || !storageClass) return nothingToDo;
          try {
            const path = await storages.get(node)!.provision(storage);
            const labels = nodeInformer.get(undefined, node)?.metadata.labels;
            const hostname = labels?.['kubernetes.io/hostname'] ?? node;
            const done = `Successfully provisioned volume ${storage.name}`;
            return {
              actions: [
                {
                  do: 'create',
                  type: persistentVolumes,
                  object: volumeFor(claim, storageClass, { path, hostname }),
                  ifDone: [event(claim, 'Normal', 'ProvisioningSucceeded', done)],
                  ifTaken: [],
                },
              ],
            };
          } catch (error) {
            return failed(claim, key, errorText(error));
          }
        },
      };

      return {
        watches: [
          watch({ type: persistentVolumeClaims, filter: isAsked }),
          // A claim that failed for its class is looked at again when that changes.
          watch({
            type: storageClasses,
            filter: ({ provisioner: name }) => name === provisionerName,
            keys: ({ metadata }) =>
              claims
                .list()
                .filter((claim) => isAsked(claim) && classOfClaim(claim) === metadata.name)
                .map((claim) => `${claim.metadata.namespace}/${claim.metadata.name}`),
          }),
          watch({ type: persistentVolumes, filter: () => false }),
          watch({ type: nodes, filter: () => false }),
        ],
        steps: [provision],
        reconcile(key): Plan {
          const claim = claims.get(...namesOf(key));
          if (!claim) {
            retries.forget(key);
            return nothingToDo;
          }
          const request = requestOf(claim, classOf(claim), [...storages.keys()]);
          if (request.kind === 'nothing') return nothingToDo;
          const waitMs = retries.remainingMs(key);
          if (waitMs > 0) return { actions: [], againInMs: waitMs };
          if (request.kind === 'refused') return failed(claim, key, request.why);
          if (volumes.get(undefined, request.storage.name)) return nothingToDo;
          const message = `External provisioner is provisioning volume for claim "${key}"`;
          return {
            actions: [
              event(claim, 'Normal', 'Provisioning', message),
              special(provision, `PersistentVolume ${request.storage.name}`, { ...request, key }),
            ],
          };
        },
      };
    },
  });

function namesOf(key: string): [namespace: string, name: string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace, name];
}

function event(
  regarding: Stored<PersistentVolumeClaim>,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): EventAction {
  return { do: 'event', regarding, eventType, reason, message };
}
