/** Readiness of a cluster: conditions of API objects, awaited by informer, not by polling. */

import { namespaces, nodes, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { Clock } from '#base/clock.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';

export const readyLimitMs = 60_000;
const systemNamespaces = 4;

/** Rejects when the nodes, the namespaces and the first ServiceAccount are not there in time. */
export async function clusterShows(
  clock: Clock,
  informers: Informers,
  wantedNodes: number,
  ownPodNetwork = false,
): Promise<void> {
  // Without a network of pods no node is Ready, and that is installed through the API.
  const counts = ownPodNetwork ? () => true : isNodeReady;
  await Promise.all([
    informerShows(
      informers.for(nodes),
      clock,
      readyLimitMs,
      'nodes Ready',
      (found) => found.filter(counts).length >= wantedNodes,
    ),
    informerShows(informers.for(serviceAccounts), clock, readyLimitMs, 'default ServiceAccount', (found) =>
      found.some(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'default'),
    ),
    informerShows(
      informers.for(namespaces),
      clock,
      readyLimitMs,
      'system namespaces',
      (found) => found.length >= systemNamespaces,
    ),
  ]);
}

/** Resolves when the informer's objects satisfy `holds`; rejects after `limitMs` with the description. */
export function informerShows<T extends KubeObject>(
  informer: Informer<T>,
  clock: Clock,
  limitMs: number,
  what: string,
  holds: (objects: readonly Stored<T>[]) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    let over = false;
    const end = (error?: Error) => {
      if (over) return;
      over = true;
      timer.cancel();
      stop?.();
      if (error) reject(error);
      else resolve();
    };
    const timer = clock.after(limitMs, () => end(new Error(`${what}: not within ${limitMs / 1000} s`)));
    const look = () => {
      if (!over && holds(informer.list())) end();
    };
    stop = informer.subscribe({ onAdd: look, onUpdate: look, onDelete: look });
    if (over) stop();
    look();
  });
}
