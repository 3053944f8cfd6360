/**
 * Watches every resource that can be deleted, built-in or custom, and follows as custom ones come and go.
 *
 * Built-in resources share the process's informers; any other has its own, so that it can end when it is no
 * longer served.
 */

import { customResourceDefinitions, events, eventsK8sIoEvents } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { builtInResources } from '#api/kinds/kinds.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { apiVersionOf, groupResource, type ResourceType } from '#api/meta/resource.ts';
import type { Timer } from '#base/clock.ts';
import type { ControllerContext } from '#client/controllers/controller.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import { createInformers } from '#client/informers/informers.ts';
import { discover } from '../shared/discovery.ts';

const settleMs = 1_000;
const retryMs = 5_000;
/** Upstream's interval, for resources without a definition, such as those of another API server. */
const rediscoverMs = 30_000;
/** Written very often, and owns nothing. */
const ignored = new Set([events, eventsK8sIoEvents].map(groupResource));
/** Then the collector begins without what another API server does not list, as upstream. */
const firstSyncMaxMs = 30_000;
const neededVerbs = ['delete', 'list', 'watch'];

export interface MonitorHandlers {
  onPut(type: ResourceType, object: Stored<KubeObject>): void;
  onRemove(object: Stored<KubeObject>): void;
  /** The resource and all its objects are gone; the last deletions may not have been observed. */
  onEnd(type: ResourceType): void;
}

interface Monitor {
  readonly type: ResourceType;
  readonly synced: Promise<void>;
  stop(): void;
}

export class GarbageMonitors {
  readonly #context: ControllerContext;
  readonly #handlers: MonitorHandlers;
  readonly #monitors = new Map<string, Monitor>();
  readonly #types = new Map<string, ResourceType>();
  readonly #firstSync = Promise.withResolvers<void>();
  #timer: Timer | undefined;
  readonly #lastStart: Timer;
  #hasBegun = false;
  #stopped = false;

  constructor(context: ControllerContext, handlers: MonitorHandlers) {
    this.#context = context;
    this.#handlers = handlers;
    this.#lastStart = context.env.clock.after(firstSyncMaxMs, () => this.#begin());
    this.#discoverAfter(0);
  }

  /** Changes of definitions enqueue nothing; they change which resources are watched. */
  get watches(): readonly Watch[] {
    const note = () => this.#discoverAfter(settleMs);
    return [watch({ type: customResourceDefinitions, keys: () => [], note })];
  }

  /** Resolves when all objects that existed at the start have been observed, or cannot be for a while. */
  synced(): Promise<void> {
    return this.#firstSync.promise;
  }

  /** The resource of an owner reference; undefined when the server does not serve its kind. */
  typeOf(apiVersion: string, kind: string): ResourceType | undefined {
    return this.#types.get(typeKey(groupOf(apiVersion), kind));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#lastStart.cancel();
    for (const monitor of this.#monitors.values()) monitor.stop();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#firstSync.resolve();
  }

  #discoverAfter(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#context.env.clock.after(delayMs, () => void this.#discover());
  }

  async #discover(): Promise<void> {
    const { client, env } = this.#context;
    this.#discoverAfter(rediscoverMs);
    try {
      const { resources, failures } = await discover(client);
      if (this.#stopped) return;
      if (failures.length === 0) this.#types.clear();
      const wanted = new Map<string, ResourceType>();
      for (const { type, verbs } of resources) {
        this.#types.set(typeKey(type.group, type.kind), type);
        if (ignored.has(groupResource(type)) || !neededVerbs.every((verb) => verbs.includes(verb))) continue;
        wanted.set(groupResource(type), type);
      }
      // A group that does not answer now is not removed.
      if (failures.length === 0) this.#dropAllBut(wanted);
      for (const [key, type] of wanted) {
        if (!this.#monitors.has(key)) this.#monitors.set(key, this.#watch(type));
      }
      if (failures.length > 0 || this.#isBehind(wanted)) this.#discoverAfter(retryMs);
      if (this.#hasBegun) return;
      await Promise.all([...this.#monitors.values()].map((monitor) => monitor.synced));
      this.#begin();
    } catch (error) {
      if (this.#stopped) return;
      env.log.warn('resources could not be discovered', { error: String(error) });
      this.#discoverAfter(retryMs);
    }
  }

  #dropAllBut(wanted: ReadonlyMap<string, ResourceType>): void {
    for (const [key, monitor] of this.#monitors) {
      if (wanted.has(key)) continue;
      monitor.stop();
      this.#monitors.delete(key);
      this.#handlers.onEnd(monitor.type);
    }
  }

  /** A definition is established but not served yet. */
  #isBehind(wanted: ReadonlyMap<string, ResourceType>): boolean {
    const established = (definition: CustomResourceDefinition) =>
      isConditionTrue(definition.status, 'Established');
    return this.#definitions()
      .filter(established)
      .some((definition) => !wanted.has(definition.metadata.name));
  }

  #definitions(): Stored<CustomResourceDefinition>[] {
    return this.#context.informers.for(customResourceDefinitions).list();
  }

  #watch(type: ResourceType): Monitor {
    const { informers, client, env } = this.#context;
    const own = builtInResources.has(groupResource(type)) ? undefined : createInformers(client, env);
    const informer = (own ?? informers).for(type);
    const stop = informer.subscribe({
      onAdd: (object) => this.#handlers.onPut(type, object),
      onUpdate: (_old, object) => this.#handlers.onPut(type, object),
      onDelete: (object) => this.#handlers.onRemove(object),
    });
    env.log.debug('watching for garbage', { resource: groupResource(type), version: apiVersionOf(type) });
    return {
      type,
      synced: informer.synced(),
      stop() {
        stop();
        own?.stop();
      },
    };
  }
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function typeKey(group: string, kind: string): string {
  return `${group}/${kind}`;
}
