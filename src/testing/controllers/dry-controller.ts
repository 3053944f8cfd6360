/**
 * For tests: one controller over objects that the test provides. Returns which keys a change enqueues, and
 * the plan for a key; nothing is carried out.
 */

import assert from 'node:assert/strict';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { notFound } from '#api/meta/status.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import type { ControllerDefinition, RunningController } from '#client/controllers/controller.ts';
import { OwnObjects } from '#client/controllers/own-objects.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { subscribe } from '#client/controllers/subscribe.ts';
import type { Watch } from '#client/controllers/watch.ts';
import { WritePace } from '#client/queue/write-pace.ts';
import { systemEnv } from '#host/system-env.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { printed } from './plans.ts';
import { StaticInformers } from './static-informers.ts';

/** The names of all special steps, including follow-ups. */
function specialSteps(actions: readonly Action[] = []): string[] {
  return actions.flatMap((action) => {
    if (action.do === 'special') return [action.step];
    if (action.do === 'together') return specialSteps([...action.actions, ...(action.ifFailed ?? [])]);
    if (action.do === 'patch') return specialSteps(action.ifDone);
    if (action.do !== 'create' && action.do !== 'delete') return [];
    const ifTaken = action.do === 'create' ? action.ifTaken : undefined;
    return [action.ifDone, action.ifFailed, ifTaken].flatMap(specialSteps);
  });
}

export interface Options {
  readonly now?: string;
  /** Resources in the answer of discovery, of the core group. */
  readonly served?: readonly ResourceType[];
}

export class DryController {
  readonly clock: VirtualClock;
  readonly #informers = new StaticInformers();
  readonly #running: RunningController;
  readonly #server = new StaticInformers();
  readonly #woken = new Set<string>();

  /** `listed`: objects that exist when the controller starts. */
  constructor(
    definition: ControllerDefinition,
    { now = '2026-01-01T12:00:00Z', served = [] }: Options = {},
    listed: (shown: StaticInformers) => void = () => {},
  ) {
    this.clock = new VirtualClock(Date.parse(now));
    const env = { ...systemEnv(), clock: this.clock, log: silentLog };
    const informers = this.#informers;
    listed(informers);
    const own = new OwnObjects(this.clock);
    const enqueue = (key: string, delayMs = 0) => {
      this.#woken.add(delayMs > 0 ? `${key} after ${delayMs} ms` : key);
    };
    const watch = (declared: Watch) => subscribe(declared, { informers, own, enqueue });
    const allowance = new WritePace(this.clock).allowances();
    const client = readingFrom(this.#server, informers, served);
    const { signal: ending } = new AbortController();
    this.#running = definition.start({ env, client, informers, enqueue, watch, allowance, ending });
    for (const declared of this.#running.watches) watch(declared);
  }

  /** Adds an object, or a later version of it. */
  put<T extends KubeObject>(type: ResourceType<T>, ...objects: readonly Stored<T>[]): this {
    for (const object of objects) this.#informers.put(type, object);
    return this;
  }

  remove<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): this {
    this.#informers.remove(type, object);
    return this;
  }

  /** Adds an object on the server that the caches do not show yet. */
  atServer<T extends KubeObject>(type: ResourceType<T>, object: Stored<T>): this {
    this.#server.put(type, object);
    return this;
  }

  /** The keys enqueued since the last call. */
  woken(): string[] {
    const keys = [...this.#woken].sort();
    this.#woken.clear();
    return keys;
  }

  async plan(key: string, isCurrent = true): Promise<Plan> {
    const plan = await this.#running.reconcile(key, { isCurrent });
    const own = (this.#running.steps ?? []).map(({ name }) => name);
    for (const step of specialSteps(plan.actions)) assert.ok(own.includes(step), `no step ${step}`);
    return plan;
  }

  /** The plan, one line for each action. */
  async printed(key: string, isCurrent = true): Promise<string[]> {
    return printed(await this.plan(key, isCurrent));
  }
}

/** The server's objects: those of the caches, and newer ones. */
function readingFrom(
  newer: StaticInformers,
  cached: StaticInformers,
  served: readonly ResourceType[],
): Client {
  const get: Client['get'] = async (type, { namespace, name }) => {
    const found = newer.for(type).get(namespace, name) ?? cached.for(type).get(namespace, name);
    if (!found) throw notFound(type, name);
    return found;
  };
  const raw: Client['raw'] = async (_method, path) => {
    if (path === '/apis') return { groups: [] };
    const verbs = ['delete', 'list', 'watch'];
    return { resources: served.map((type) => ({ ...type, name: type.resource, verbs })) };
  };
  return { get, raw } as Client;
}
