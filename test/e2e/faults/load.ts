/**
 * Load that can tell what was lost: writers that remember what was acknowledged, and a watcher that goes on,
 * after every break, from the last version it was shown.
 */

import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';

const namespace = 'load';
const writers = 16;
const namesPerWriter = 6;
const retryMs = 50;

/** The value in a ConfigMap; undefined when there is none. */
type Value = string | undefined;

interface Fate {
  /** Acknowledged last. */
  known: Value;
  /** Sent and not answered: it may have happened. */
  asked: { readonly value: Value } | undefined;
}

export class Load {
  acknowledged = 0;
  readonly #client: Client;
  readonly #prefix: string;
  readonly #fates = new Map<string, Fate>();
  /** `version name value` of every write that was acknowledged with its version. */
  readonly #versions = new Set<string>();
  #writing = false;
  #count = 0;

  /** `prefix` begins the names of what it writes, and of nothing else. */
  constructor(client: Client, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** Writes until `stop`, or until the server no longer answers. */
  async run(): Promise<void> {
    this.#writing = true;
    await Promise.all(Array.from({ length: writers }, (_, writer) => this.#write(writer)));
  }

  stop(): void {
    this.#writing = false;
  }

  readonly #isOurs = ([name]: readonly [string, Value]): boolean => name.startsWith(`${this.#prefix}-`);

  /**
   * Nothing acknowledged is lost, nothing that was not requested is there, and the watcher was shown all of
   * it.
   */
  check(stored: readonly Stored<ConfigMap>[], seen: Seen): void {
    const now = new Map(stored.map((map) => [map.metadata.name, saidBy(map)] as const).filter(this.#isOurs));
    assert.deepEqual(
      new Map([...seen.state].filter(this.#isOurs)),
      now,
      'what the watcher was shown adds up',
    );
    for (const [name, fate] of this.#fates) {
      const value = now.get(name);
      const possible = fate.asked ? [fate.known, fate.asked.value] : [fate.known];
      assert.ok(possible.includes(value), `${name} is ${value}, which is none of ${possible}`);
      this.#fates.set(name, { known: value, asked: undefined });
      now.delete(name);
    }
    assert.deepEqual([...now.keys()], [], 'these were never requested');
    for (const version of this.#versions) assert.ok(seen.has(version), `${version} was not shown`);
  }

  async #write(writer: number): Promise<void> {
    for (let turn = 0; this.#writing; turn++) {
      const name = `${this.#prefix}-${writer}-${turn % namesPerWriter}`;
      const fate = this.#fates.get(name) ?? { known: undefined, asked: undefined };
      const value = fate.known !== undefined && turn % 5 === 0 ? undefined : `${++this.#count}`;
      this.#fates.set(name, { known: fate.known, asked: { value } });
      try {
        await this.#set(name, fate.known, value);
      } catch (error) {
        // An answer is an answer; without one the server is gone, and this round over.
        if (error instanceof StatusError && error.code < 500) throw error;
        return;
      }
      this.#fates.set(name, { known: value, asked: undefined });
      this.acknowledged++;
    }
  }

  async #set(name: string, before: Value, value: Value): Promise<void> {
    const client = this.#client;
    if (value === undefined) return client.delete(configMaps, { namespace, name });
    const map = { metadata: { name, namespace }, data: { value } };
    const stored = await (before === undefined
      ? client.create(configMaps, map)
      : client.update(configMaps, map));
    this.#versions.add(`${stored.metadata.resourceVersion} ${name} ${value}`);
  }
}

function saidBy(map: ConfigMap): Value {
  return map.data?.['value'];
}

/** What a watcher was shown: gapless, since it adds up, and in order. */
export class Seen {
  readonly state = new Map<string, Value>();
  /** What a watch must never do, when it did. */
  failure: Error | undefined;
  readonly #shown = new Set<string>();
  readonly #stop = new AbortController();
  #version: string;

  constructor(client: Client, fromVersion: string) {
    this.#version = fromVersion;
    void this.#follow(client);
  }

  has(version: string): boolean {
    return this.#shown.has(version);
  }

  get version(): number {
    return Number(this.#version);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #follow(client: Client): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.failure) {
      try {
        const options = { namespace, resourceVersion: this.#version, allowWatchBookmarks: true, signal };
        for await (const { type, object } of client.watch(configMaps, options)) this.#see(type, object);
      } catch (error) {
        if (error instanceof assert.AssertionError || isGone(error)) this.failure = error as Error;
      }
      await wait(retryMs);
    }
  }

  #see(type: string, map: Stored<ConfigMap>): void {
    const { name, resourceVersion } = map.metadata;
    if (type !== 'BOOKMARK') {
      assert.ok(Number(resourceVersion) > this.version, `${type} ${name} came twice, or too late`);
      assert.equal(
        type === 'ADDED',
        !this.state.has(name),
        `${type} ${name}: something is missing before it`,
      );
      if (type === 'DELETED') this.state.delete(name);
      else this.state.set(name, saidBy(map));
      this.#shown.add(`${resourceVersion} ${name} ${saidBy(map)}`);
    }
    this.#version = resourceVersion;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof StatusError && error.code === 410;
}
