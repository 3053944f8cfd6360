/**
 * The storage of a server: its served resources, their cache over the store, and reads and writes from inside
 * the server.
 */

import type { Env } from '#base/env.ts';
import type { MemoryWatch } from '#host/memory/watch.ts';
import type { Store } from '#store/store.ts';
import { ObjectCache } from '../cache/object-cache.ts';
import { repairNames } from '../cache/repair-names.ts';
import type { AdmissionDoor } from '../contract/admission.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { CountingReader, ObjectFeed } from '../contract/stored-objects.ts';
import { StepQueue } from '../list-encodings/step-queue.ts';
import { Resources } from '../registry/resources.ts';
import type { StorageParts } from '../registry/storage-parts.ts';
import { startEventExpiry } from './event-expiry.ts';
import { makeFeed, makeReader, makeServerClient } from './server-client.ts';

export interface ServerStorageOptions {
  readonly env: Env;
  /** Stays the caller's: `stop` does not close it. */
  readonly store: Store;
  /** Default never short. */
  readonly memory?: Omit<MemoryWatch, 'stop'>;
  readonly isStale?: StorageParts['isStale'];
  /** Default: an hour. */
  readonly eventsKeptMs?: number | undefined;
  /** Judges writes. Its plugins come later: they may read and write through this storage. */
  readonly admission: AdmissionDoor;
}

const neverShort = { isShort: false, regained: async () => true };

export class ServerStorage {
  readonly parts: StorageParts;
  readonly env: Env;
  readonly reader: CountingReader;
  readonly resources: Resources;
  readonly feed: ObjectFeed;
  readonly serverClient: ServerClient;
  readonly #eventsKeptMs: number | undefined;
  #stopExpiry = () => {};

  constructor({ env, store, admission, isStale, memory = neverShort, eventsKeptMs }: ServerStorageOptions) {
    this.#eventsKeptMs = eventsKeptMs;
    const cache = new ObjectCache(env, store);
    this.env = env;
    this.resources = new Resources(cache, env.clock);
    this.reader = makeReader(this.resources);
    this.feed = makeFeed(this.resources);
    this.parts = {
      env,
      store,
      isStale,
      cache,
      memory,
      resources: this.resources,
      reader: this.reader,
      admission,
      steps: new StepQueue(env.clock),
    };
    this.serverClient = makeServerClient(this.parts);
  }

  /** Loads what `resources` has begun with. */
  async start(): Promise<void> {
    const { env, store, cache } = this.parts;
    await cache.start();
    for (const resource of cache.caches()) await repairNames(env, store, resource.takeMisnamed());
    this.#stopExpiry = startEventExpiry(this.parts, this.#eventsKeptMs);
  }

  /** Resolves when `reader` and `feed` show everything that is stored now. */
  async fresh(): Promise<void> {
    await this.parts.cache.fresh();
  }

  stop(): void {
    this.#stopExpiry();
    this.parts.cache.stop();
  }
}
