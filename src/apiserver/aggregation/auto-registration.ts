/**
 * Keeps APIServices for the versions that this server serves itself: of built-in versions they are written once
 * after the start, of custom resources for as long as a definition serves the version. As upstream's autoregister
 * controller, it does not touch an APIService without its label.
 */

import { isDeepStrictEqual } from 'node:util';
import { builtInPriority, customPriority, type Priority } from '#api/discovery/priorities.ts';
import { apiServices, customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { APIService, APIServiceSpec, CustomResourceDefinition } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import { WorkQueue } from '#client/queue/work-queue.ts';
import type { CachedObject, ObjectFeed, ObjectReader } from '../contract/stored-objects.ts';
import { readObject } from '../contract/typed-reader.ts';
import type { ServedResource } from '../registry/served-resource.ts';

const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';
const onStart = 'onstart';
const always = 'true';
type Managed = typeof onStart | typeof always;

/** APIServices written at the same time: they share commits of the store. */
const workers = 32;

interface RegistrationParts {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly client: Client;
}

interface Wanted {
  readonly managed: Managed;
  readonly spec: APIServiceSpec;
}

export class AutoRegistration {
  readonly #parts: RegistrationParts;
  readonly #queue: WorkQueue;
  /** By the name of the APIService. */
  readonly #builtIn: ReadonlyMap<string, Wanted>;
  readonly #custom = new Map<string, Wanted>();
  /** By the name of the definition. */
  readonly #versions = new Map<string, readonly [string, Wanted][]>();
  readonly #wereAtStart: ReadonlySet<string>;
  readonly #synced = new Set<string>();
  readonly #registered = Promise.withResolvers<void>();

  constructor(parts: RegistrationParts, builtIn: readonly ServedResource[]) {
    this.#parts = parts;
    this.#queue = new WorkQueue(parts.env.clock);
    this.#builtIn = new Map(builtIn.flatMap(({ def: { group, version } }) => builtInEntry(group, version)));
    this.#wereAtStart = new Set(parts.feed.entries(apiServices).map(({ name }) => name));
  }

  /** Resolves when the built-in versions have been registered; failures are retried. */
  start(): Promise<void> {
    const { feed } = this.#parts;
    const all = () => {
      this.#readDefinitions();
      const stored = feed.entries(apiServices).map(({ name }) => name);
      for (const name of [...this.#builtIn.keys(), ...this.#custom.keys(), ...stored]) this.#queue.add(name);
    };
    feed.follow(apiServices, { changed: (_, name) => this.#queue.add(name), reloaded: all });
    feed.follow(customResourceDefinitions, {
      changed: (_, name, entry) => this.#definitionChanged(name, entry),
      reloaded: all,
    });
    all();
    for (let i = 0; i < workers; i++) void this.#work();
    return this.#registered.promise;
  }

  stop(): void {
    this.#queue.shutDown();
    this.#registered.resolve();
  }

  get missing(): readonly string[] {
    return [...this.#builtIn.keys()].filter((name) => !this.#synced.has(name));
  }

  #readDefinitions(): void {
    const { feed } = this.#parts;
    const stored = new Map(feed.entries(customResourceDefinitions).map((entry) => [entry.name, entry]));
    for (const name of new Set([...this.#versions.keys(), ...stored.keys()])) {
      this.#definitionChanged(name, stored.get(name));
    }
  }

  #definitionChanged(name: string, entry: CachedObject | undefined): void {
    const before = this.#versions.get(name) ?? [];
    const now = entry ? servedVersions(entry.object() as KubeObject) : [];
    if (now.length > 0) this.#versions.set(name, now);
    else this.#versions.delete(name);
    for (const version of now) this.#custom.set(...version);
    for (const [service] of before) {
      if (!now.some(([kept]) => kept === service) && !this.#isServed(service)) this.#custom.delete(service);
    }
    for (const [service] of [...before, ...now]) this.#queue.add(service);
  }

  /** Whether any definition serves the version. */
  #isServed(service: string): boolean {
    for (const versions of this.#versions.values()) {
      if (versions.some(([name]) => name === service)) return true;
    }
    return false;
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      try {
        await this.#sync(key);
        this.#synced.add(key);
        this.#queue.forget(key);
      } catch (error) {
        this.#parts.env.log.warn('an APIService could not be registered', {
          name: key,
          error: errorText(error),
        });
        this.#queue.addRateLimited(key);
      } finally {
        this.#queue.done(key);
      }
      if (this.missing.length === 0) this.#registered.resolve();
    }
  }

  async #sync(name: string): Promise<void> {
    const wanted = this.#custom.get(name) ?? this.#builtIn.get(name);
    const stored = readObject(this.#parts.reader, apiServices, '', name) as Stored<APIService> | undefined;
    const isDone = this.#synced.has(name);
    if (wanted?.managed === onStart && isDone) return;
    if (!stored) {
      if (wanted) await this.#write('create', () => this.#create(name, wanted));
      return;
    }
    if (!this.#isOurs(name, stored, isDone)) return;
    if (!wanted) await this.#write('delete', () => this.#delete(stored));
    else if (!isDeepStrictEqual({ ...stored.spec }, { ...wanted.spec })) {
      await this.#write('update', () =>
        this.#parts.client.update(apiServices, { ...stored, spec: wanted.spec }),
      );
    }
  }

  /** An APIService with the label `onstart` is synced only once, and only if it was there at the start. */
  #isOurs(name: string, stored: APIService, isDone: boolean): boolean {
    const managed = stored.metadata?.labels?.[managedLabel];
    if (managed === onStart) return this.#wereAtStart.has(name) && !isDone;
    return managed === always;
  }

  #create(name: string, { managed, spec }: Wanted): Promise<unknown> {
    const metadata = { name, labels: { [managedLabel]: managed } };
    return this.#parts.client.create(apiServices, { metadata, spec });
  }

  #delete({ metadata: { name, uid } }: Stored<APIService>): Promise<unknown> {
    return this.#parts.client.delete(apiServices, { name }, { preconditions: { uid } });
  }

  /** An object that was deleted or changed meanwhile is enqueued by that change. */
  async #write(verb: 'create' | 'update' | 'delete', send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      const isOvertaken = error instanceof StatusError && (error.code === 404 || error.code === 409);
      if (!isOvertaken || (verb === 'create' && error.code === 404)) throw error;
    }
  }
}

function servedVersions({ spec }: Partial<CustomResourceDefinition>): [string, Wanted][] {
  if (!spec) return [];
  const served = (spec.versions ?? []).filter((version) => version.served);
  return served.map(({ name }) => wantedEntry(spec.group, name, customPriority, always));
}

function builtInEntry(group: string, version: string): [string, Wanted][] {
  const priority = builtInPriority(group, version);
  return priority ? [wantedEntry(group, version, priority, onStart)] : [];
}

function wantedEntry(group: string, version: string, priority: Priority, managed: Managed): [string, Wanted] {
  const spec = {
    ...(group === '' ? {} : { group }),
    groupPriorityMinimum: priority.group,
    version,
    versionPriority: priority.version,
  };
  return [`${version}.${group}`, { managed, spec }];
}
