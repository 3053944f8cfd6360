/** For tests: a plan as text, one line for each action, which proves that it is data; carrying a plan out. */

import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { OwnObjects } from '#client/controllers/own-objects.ts';
import type { Action, Plan } from '#client/controllers/plan.ts';
import { carryOut } from '#client/controllers/plan-runner.ts';
import { printPlan } from '#client/controllers/print-plan.ts';
import type { SpecialStep } from '#client/controllers/special.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { WritePace } from '#client/queue/write-pace.ts';

/** Throws when the plan contains a function: it could not be recorded. */
export function printed(plan: Plan | readonly Action[]): string[] {
  return printPlan(structuredClone('actions' in plan ? plan : { actions: plan }));
}

/** Without the controller that made the plans; keys that they enqueue are ignored. */
export async function carryOutOn(
  client: Client,
  env: Env,
  actions: readonly Action[],
  steps: readonly SpecialStep[] = [],
): Promise<void> {
  const recorder = createEventRecorder({ env, client, component: 'test' });
  const own = new OwnObjects(env.clock);
  const pace = new WritePace(env.clock);
  await carryOut({ actions }, { client, recorder, pace, own, key: '', steps, wake: () => {} });
  await recorder.flushed();
}
