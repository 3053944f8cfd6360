/**
 * The ConfigMaps and Secrets that this node's pods refer to, and nothing else: each is watched while a pod
 * needs it, as the node authorizer allows, and shared by all that do.
 */

import type { KubeObject, Stored, WatchEventObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { type Receiver, runReflector } from '#client/informers/reflector.ts';

export interface ObjectSource {
  /**
   * The newest known state; undefined when there is none. While the server cannot be reached, the last known
   * state of a followed object holds: a container that crashes then starts again. Rejects when nothing is
   * known either.
   */
  get<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string,
    name: string,
  ): Promise<Stored<T> | undefined>;
  /**
   * Keeps these objects fresh for `owner`, and calls `onChange` when one changes. Replaces what it needed
   * before.
   */
  follow(owner: string, keys: readonly ObjectRef[], onChange: () => void): void;
  unfollow(owner: string): void;
  stop(): void;
}

export interface ObjectRef {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

export function watchingObjectSource(env: Env, client: Client): ObjectSource {
  return new WatchedObjects(env, client);
}

/** One object that a reflector keeps up to date. */
class Followed implements Receiver<KubeObject> {
  readonly owners = new Map<string, () => void>();
  readonly stopping = new AbortController();
  current: Stored<KubeObject> | undefined;
  /** A watch is under way, so that `current` is not old. */
  isFresh = false;
  #isKnown = false;

  replace([object]: Stored<KubeObject>[]): void {
    this.#set(object);
  }

  change({ type, object }: WatchEventObject<Stored<KubeObject>>): void {
    this.#set(type === 'DELETED' ? undefined : object);
  }

  interrupted(): void {
    this.isFresh = false;
  }

  #set(object: Stored<KubeObject> | undefined): void {
    const hasChanged =
      this.#isKnown && this.current?.metadata.resourceVersion !== object?.metadata.resourceVersion;
    this.current = object;
    this.#isKnown = true;
    this.isFresh = true;
    if (hasChanged) for (const onChange of this.owners.values()) onChange();
  }
}

class WatchedObjects implements ObjectSource {
  readonly #env: Env;
  readonly #client: Client;
  readonly #followed = new Map<string, Followed>();

  constructor(env: Env, client: Client) {
    this.#env = env;
    this.#client = client;
  }

  async get<T extends KubeObject>(type: ResourceType<T>, namespace: string, name: string) {
    const entry = this.#followed.get(idOf({ type, namespace, name }));
    if (entry?.isFresh && entry.current) return entry.current as Stored<T>;
    try {
      return await this.#read(type, namespace, name);
    } catch (error) {
      if (!entry?.current || (error instanceof StatusError && error.code < 500)) throw error;
      return entry.current as Stored<T>;
    }
  }

  follow(owner: string, keys: readonly ObjectRef[], onChange: () => void): void {
    this.#release(owner, new Set(keys.map(idOf)));
    for (const ref of keys) this.#entryOf(ref).owners.set(owner, onChange);
  }

  unfollow(owner: string): void {
    this.#release(owner, new Set());
  }

  stop(): void {
    for (const entry of this.#followed.values()) entry.stopping.abort();
    this.#followed.clear();
  }

  #entryOf(ref: ObjectRef): Followed {
    const known = this.#followed.get(idOf(ref));
    if (known) return known;
    const entry = new Followed();
    this.#followed.set(idOf(ref), entry);
    const { type, namespace, name } = ref;
    void runReflector({
      client: this.#client,
      env: this.#env,
      type,
      selection: { namespace, fieldSelector: `metadata.name=${name}` },
      receiver: entry,
      signal: entry.stopping.signal,
    });
    return entry;
  }

  async #read<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string,
    name: string,
  ): Promise<Stored<T> | undefined> {
    try {
      return await this.#client.get(type, { namespace, name });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return undefined;
      throw error;
    }
  }

  #release(owner: string, keep: ReadonlySet<string>): void {
    for (const [id, entry] of this.#followed) {
      if (keep.has(id) || !entry.owners.delete(owner) || entry.owners.size > 0) continue;
      entry.stopping.abort();
      this.#followed.delete(id);
    }
  }
}

function idOf({ type, namespace, name }: ObjectRef): string {
  return `${type.resource}/${namespace}/${name}`;
}
