/**
 * Keeps a receiver equal to one resource of the server: list, then watch from there, for ever.
 *
 *   1. list in pages; deliver all objects and their resourceVersion
 *   2. watch from it with bookmarks; deliver each change
 *   3. when the watch ends, watch again from the last resourceVersion; when it has expired (410), list again
 *   4. wait between failures, 0.8 s doubling to 30 s, with jitter
 */

import type { KubeObject, Stored, WatchEventObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { BackOff, type BackOffOptions } from '#base/back-off.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { ListOptions, ReadClient } from '../client.ts';

const pageSize = 500;
const watchTimeoutMinSeconds = 300;
/** A watch that ends within this time without an event counts as a failure. */
const watchShortMs = 1000;

/** What reflectors wait between failures, as client-go does. */
export const reflectorBackOff: BackOffOptions = {
  initialMs: 800,
  maxMs: 30_000,
  jitter: 1,
  resetAfterMs: 120_000,
};

export interface Receiver<T extends KubeObject> {
  replace(items: Stored<T>[]): void;
  change(event: WatchEventObject<Stored<T>>): void;
  /** List or watch failed: what was handed over may be old until the next `replace` or `change`. */
  interrupted?(): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: ReadClient;
  readonly env: Env;
  readonly type: ResourceType<T>;
  readonly selection: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;
  readonly receiver: Receiver<T>;
  readonly signal: AbortSignal;
}

/** Resolves when `signal` aborts. */
export async function runReflector<T extends KubeObject>(options: ReflectorOptions<T>): Promise<void> {
  const { env, type, signal } = options;
  const log = env.log.child({ reflector: type.resource });
  const backOff = new BackOff(env, reflectorBackOff);
  let version: string | undefined;
  while (!signal.aborted) {
    try {
      version ??= await listAll(options);
      if (signal.aborted) return;
      version = await watchFrom(version, options, (seen) => {
        version = seen;
      });
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) {
        version = undefined;
        log.debug('the resourceVersion to watch from has expired, listing again');
      } else {
        log.warn('list or watch failed', { error: String(error) });
      }
      options.receiver.interrupted?.();
      await pause(env.clock, backOff.nextMs(), signal);
    }
  }
}

async function listAll<T extends KubeObject>(options: ReflectorOptions<T>): Promise<string> {
  const { client, type, selection, receiver, signal } = options;
  const items: Stored<T>[] = [];
  let token: string | undefined;
  for (;;) {
    const page = await client.list(type, {
      ...selection,
      limit: pageSize,
      ...(token ? { continue: token } : {}),
    });
    for (const item of page.items) items.push(withType(type, item));
    token = page.metadata.continue;
    if (!token) {
      if (!signal.aborted) receiver.replace(items);
      return page.metadata.resourceVersion ?? '';
    }
  }
}

async function watchFrom<T extends KubeObject>(
  start: string,
  options: ReflectorOptions<T>,
  onVersion: (version: string) => void,
): Promise<string> {
  const { client, env, type, selection, receiver, signal } = options;
  const startedAtMs = env.clock.monotonicMs();
  let version = start;
  let events = 0;
  const timeoutSeconds = Math.floor(watchTimeoutMinSeconds * (1 + env.random.float()));
  const watching = {
    ...selection,
    resourceVersion: start,
    allowWatchBookmarks: true,
    timeoutSeconds,
    signal,
  };
  for await (const event of client.watch(type, watching)) {
    events++;
    if (signal.aborted) break;
    if (event.type !== 'BOOKMARK') receiver.change(event);
    version = event.object.metadata.resourceVersion;
    onVersion(version);
  }
  const lastedMs = env.clock.monotonicMs() - startedAtMs;
  if (events === 0 && lastedMs < watchShortMs && !signal.aborted) {
    throw new Error('the watch ended at once without an event');
  }
  return version;
}

/** Items of a list have no apiVersion and kind; all later code relies on them. */
function withType<T extends KubeObject>(type: ResourceType<T>, item: Stored<T>): Stored<T> {
  item.apiVersion ??= apiVersionOf(type);
  item.kind ??= type.kind;
  return item;
}

function isGone(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 410 || error.reason === 'Expired');
}
