/** Caches of objects that follow the cluster, and begin again when a connection breaks. */

import { type KubernetesObject, ListWatch, Watch } from '@kubernetes/client-node';
import type { Clock } from '../clock.ts';
import type { ClusterClient } from '../cluster-client.ts';

const retryMs = 1_000;

export interface Followed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly labelSelector?: string;
}

export type Informer<T extends KubernetesObject> = Pick<ListWatch<T>, 'get' | 'list'>;

/**
 * Resolves when the cache was filled once, or that has failed and will be tried again. Calls `changed` for each object
 * that comes, changes or goes.
 */
export async function follow<T extends KubernetesObject>(
  { objects, config }: Pick<ClusterClient, 'objects' | 'config'>,
  clock: Clock,
  stopped: AbortSignal,
  { apiVersion, kind, plural, labelSelector }: Followed,
  changed: (object: T) => void,
): Promise<Informer<T>> {
  const list = () =>
    objects.list<T>(apiVersion, kind, undefined, undefined, undefined, undefined, undefined, labelSelector);
  const path = `/apis/${apiVersion}/${plural}`;
  const informer = new ListWatch<T>(path, new Watch(config), list, false, labelSelector);
  informer.on('change', changed);
  informer.on('error', () => {
    void clock.sleep(retryMs, stopped).then(
      () => informer.start(),
      () => {},
    );
  });
  stopped.addEventListener('abort', () => void informer.stop(), { once: true });
  await informer.start();
  return informer;
}
