/** Readiness of a cluster: conditions of API objects, awaited by informer, not by polling. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Informer } from '#client/informers/informer.ts';

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
