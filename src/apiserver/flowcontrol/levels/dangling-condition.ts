/** The condition `Dangling` of a FlowSchema: whether its priority level exists. */

import { flowSchemas } from '#api/generated/kinds.gen.ts';
import type { FlowSchema, FlowSchemaCondition } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';

const fieldManager = 'api-priority-and-fairness-config-consumer-v1';
const updatesPerMinuteMax = 6;
const minuteMs = 60_000;

/** The condition to write; undefined if the schema has it already. */
export function missingCondition(schema: FlowSchema, isDangling: boolean): FlowSchemaCondition | undefined {
  const level = JSON.stringify(schema.spec?.priorityLevelConfiguration?.name ?? '');
  const references = `This FlowSchema references the PriorityLevelConfiguration object named ${level}`;
  const wanted = isDangling
    ? { status: 'True', reason: 'NotFound', message: `${references} but there is no such object` }
    : { status: 'False', reason: 'Found', message: `${references} and it exists` };
  const found = conditionOf(schema.status, 'Dangling');
  const isSaid =
    found?.status === wanted.status && found.reason === wanted.reason && found.message === wanted.message;
  return isSaid ? undefined : { type: 'Dangling', ...wanted };
}

/** Writes the condition, with a limit per minute: two servers that disagree must not overwrite each other all the time. */
export class ConditionWriter {
  readonly #env: Env;
  readonly #client: Client;
  readonly #written = new Map<string, number[]>();
  readonly #again: () => void;
  #isWaiting = false;

  /** `again` is called later if a condition was not written because of the limit. */
  constructor(env: Env, client: Client, again: () => void) {
    this.#env = env;
    this.#client = client;
    this.#again = again;
  }

  async write(schema: FlowSchema, isDangling: boolean): Promise<void> {
    const condition = missingCondition(schema, isDangling);
    if (!condition) return;
    const { clock, log } = this.#env;
    const name = schema.metadata!.name!;
    const since = clock.monotonicMs() - minuteMs;
    const recent = (this.#written.get(name) ?? []).filter((atMs) => atMs >= since);
    if (recent.length >= updatesPerMinuteMax) return this.#later();
    this.#written.set(name, [...recent, clock.monotonicMs()]);
    const body = {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name },
      status: { conditions: [{ ...condition, lastTransitionTime: rfc3339(clock.now()) }] },
    };
    const options = { subresource: 'status', fieldManager, force: true, onlyMetadata: true };
    await this.#client.patch(flowSchemas, { name }, 'apply', body, options).catch((error: unknown) => {
      if (error instanceof StatusError && error.code === 404) return;
      log.error('the condition of a FlowSchema could not be written', { name, error: String(error) });
    });
  }

  #later(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#env.clock.after(30_000 + this.#env.random.float() * 45_000, () => {
      this.#isWaiting = false;
      this.#again();
    });
  }
}
