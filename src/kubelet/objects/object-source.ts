/**
 * The ConfigMaps and Secrets that this node's pods refer to, and nothing else: each is watched while a pod needs it,
 * as the node authorizer allows, and shared by all that do.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';

export interface ObjectSource {
  /**
   * The newest known state; undefined when there is none. While the server cannot be asked, what it last said of a
   * followed object holds: a container that crashes then starts again. Rejects when nothing is known either.
   */
  get<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string,
    name: string,
  ): Promise<Stored<T> | undefined>;
  /** Keeps these objects fresh for `owner`, and calls `onChange` when one changes. Replaces what it needed before. */
  follow(owner: string, keys: readonly ObjectRef[], onChange: () => void): void;
  unfollow(owner: string): void;
  stop(): void;
}

export interface ObjectRef {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

interface Followed {
  readonly owners: Map<string, () => void>;
  readonly stop: AbortController;
  current: Stored<KubeObject> | undefined;
  /** It has been read at least once. */
  known: boolean;
  /** A watch is under way, so that `current` is not old. */
  watched: boolean;
}

const retryDelayMs = 2000;

export function watchingObjectSource(env: Env, client: Client): ObjectSource {
  const followed = new Map<string, Followed>();
  const idOf = ({ type, namespace, name }: ObjectRef) => `${type.resource}/${namespace}/${name}`;

  async function read(ref: ObjectRef): Promise<Stored<KubeObject> | undefined> {
    try {
      return await client.get(ref.type, { namespace: ref.namespace, name: ref.name });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    }
  }

  async function watch(ref: ObjectRef, entry: Followed): Promise<void> {
    const { signal } = entry.stop;
    while (!signal.aborted) {
      try {
        await watchOnce(ref, entry, signal);
      } catch (error) {
        if (signal.aborted) return;
        env.log.debug('an object could not be watched', { object: idOf(ref), error: String(error) });
        entry.watched = false;
      }
      await pause(env.clock, retryDelayMs, signal);
    }
  }

  async function watchOnce(ref: ObjectRef, entry: Followed, signal: AbortSignal): Promise<void> {
    const list = await client.list(ref.type, {
      namespace: ref.namespace,
      fieldSelector: `metadata.name=${ref.name}`,
    });
    update(entry, list.items[0]);
    const events = client.watch(ref.type, {
      namespace: ref.namespace,
      fieldSelector: `metadata.name=${ref.name}`,
      resourceVersion: list.metadata.resourceVersion ?? '0',
      allowWatchBookmarks: true,
      signal,
    });
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      update(entry, event.type === 'DELETED' ? undefined : event.object);
    }
  }

  function update(entry: Followed, object: Stored<KubeObject> | undefined): void {
    const changed =
      entry.known && entry.current?.metadata.resourceVersion !== object?.metadata.resourceVersion;
    entry.current = object;
    entry.known = true;
    entry.watched = true;
    if (changed) for (const onChange of entry.owners.values()) onChange();
  }

  function release(owner: string, keep: ReadonlySet<string>): void {
    for (const [id, entry] of followed) {
      if (keep.has(id) || !entry.owners.delete(owner) || entry.owners.size > 0) continue;
      entry.stop.abort();
      followed.delete(id);
    }
  }

  return {
    async get<T extends KubeObject>(type: ResourceType<T>, namespace: string, name: string) {
      const entry = followed.get(idOf({ type, namespace, name }));
      if (entry?.watched && entry.current) return entry.current as Stored<T>;
      try {
        return (await read({ type, namespace, name })) as Stored<T> | undefined;
      } catch (error) {
        if (!entry?.current || (error instanceof StatusError && error.code < 500)) throw error;
        return entry.current as Stored<T>;
      }
    },
    follow(owner, keys, onChange) {
      release(owner, new Set(keys.map(idOf)));
      for (const ref of keys) {
        const existing = followed.get(idOf(ref));
        if (existing) {
          existing.owners.set(owner, onChange);
          continue;
        }
        const entry: Followed = {
          owners: new Map([[owner, onChange]]),
          stop: new AbortController(),
          current: undefined,
          known: false,
          watched: false,
        };
        followed.set(idOf(ref), entry);
        void watch(ref, entry);
      }
    },
    unfollow: (owner) => release(owner, new Set()),
    stop() {
      for (const entry of followed.values()) entry.stop.abort();
      followed.clear();
    },
  };
}
