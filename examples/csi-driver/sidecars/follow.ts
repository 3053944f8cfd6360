/** Looks at each object of a kind when it changes, one after the other, and again when a look has failed. */

import { setTimeout as delay } from 'node:timers/promises';
import {
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  ListWatch,
  Watch,
} from '@kubernetes/client-node';

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

const retryMs = 1000;

/** Ends with `stopped`. `look` gets the newest known state, and is not called at once for a deleted object. */
export async function follow<T extends KubernetesObject>(
  config: KubeConfig,
  { apiVersion, kind, plural }: Kind,
  stopped: AbortSignal,
  look: (object: T) => Promise<void>,
): Promise<void> {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const base = apiVersion.includes('/') ? '/apis' : '/api';
  const watch = new Watch(config);
  const cache = new ListWatch<T>(
    `${base}/${apiVersion}/${plural}`,
    watch,
    () => objects.list<T>(apiVersion, kind),
    false,
  );
  let work = Promise.resolve();
  const enqueue = (object: T) => {
    work = work.then(() => lookSafely(object));
  };
  const lookSafely = async (object: T) => {
    if (stopped.aborted) return;
    await look(object).catch(async (error) => {
      console.error(`${kind} ${object.metadata?.name}: ${textOf(error)}`);
      void pause(stopped).then(() => {
        const { name = '', namespace } = object.metadata ?? {};
        const newest = cache.get(name, namespace);
        if (newest) enqueue(newest);
      });
    });
  };
  cache.on('add', enqueue);
  cache.on('update', enqueue);
  cache.on('error', () => void pause(stopped).then(() => (stopped.aborted ? undefined : cache.start())));
  stopped.addEventListener('abort', () => void cache.stop(), { once: true });
  await cache.start();
}

async function pause(stopped: AbortSignal): Promise<void> {
  await delay(retryMs, undefined, { signal: stopped }).catch(() => undefined);
}

/** What the API server or the driver says went wrong. */
export function textOf(error: unknown): string {
  const { body } = error as { body?: unknown };
  const status = typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : body;
  return (
    (status as { message?: string })?.message ?? (error instanceof Error ? error.message : String(error))
  );
}
