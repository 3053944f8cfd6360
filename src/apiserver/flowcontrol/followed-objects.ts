/**
 * Applies stored FlowSchemas and PriorityLevelConfigurations to priority and fairness, and writes the condition
 * `Dangling` of FlowSchemas.
 */

import { flowSchemas, priorityLevelConfigurations } from '#api/generated/kinds.gen.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';
import type { ObjectFeed } from '../contract/stored-objects.ts';
import type { FlowControl } from './flow-control.ts';
import { ConditionWriter } from './levels/dangling-condition.ts';

const adjustmentMs = 10_000;

export class FollowedFlowObjects {
  readonly #flowControl: FlowControl;
  readonly #feed: ObjectFeed;
  readonly #env: Env;
  readonly #adjustments: Repeater;
  #writer: ConditionWriter | undefined;
  #isScheduled = false;
  #isStopped = false;

  constructor(flowControl: FlowControl, feed: ObjectFeed, env: Env) {
    this.#flowControl = flowControl;
    this.#feed = feed;
    this.#env = env;
    this.#adjustments = new Repeater(env.clock, adjustmentMs, () => flowControl.configuration.adjust());
  }

  /** Called once the cache has loaded the stored objects. */
  start(): void {
    const changed = () => this.#schedule();
    for (const type of [priorityLevelConfigurations, flowSchemas]) {
      this.#feed.follow(type, { changed, reloaded: changed });
    }
    this.#flowControl.onIdle(changed);
    this.#digest();
    this.#adjustments.start();
  }

  /** `client` may write the status of FlowSchemas. */
  writeConditions(client: Client): void {
    this.#writer = new ConditionWriter(this.#env, client, () => this.#schedule());
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#adjustments.stop();
  }

  /** Changes in the same turn of the event loop are digested together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#env.clock.nextTurn(() => {
      this.#isScheduled = false;
      if (!this.#isStopped) this.#digest();
    });
  }

  #digest(): void {
    const levels = this.#stored(priorityLevelConfigurations) as PriorityLevelConfiguration[];
    const schemas = this.#stored(flowSchemas) as FlowSchema[];
    this.#flowControl.digest(levels, schemas);
    for (const schema of schemas) {
      const level = schema.spec?.priorityLevelConfiguration?.name ?? '';
      void this.#writer?.write(schema, !this.#flowControl.configuration.hasLevel(level));
    }
  }

  #stored(type: typeof flowSchemas | typeof priorityLevelConfigurations) {
    return this.#feed.entries(type).map((entry) => entry.object());
  }
}
