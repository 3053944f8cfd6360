/**
 * Runs controllers: makes their watches, waits for their caches, takes keys from each one's queue, has it
 * decide and carries the plan out. A key that fails comes back with growing delay; a lost race against
 * another writer is an ordinary retry.
 */

import { isNamespaceTerminating, StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '../client.ts';
import { createEventRecorder } from '../events/recorder.ts';
import type { Informers } from '../informers/informer.ts';
import { ScopedInformers } from '../informers/scoped-informers.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { WritePace } from '../queue/write-pace.ts';
import type { ControllerDefinition, RunningController } from './controller.ts';
import type { ControllerMetrics } from './controller-metrics.ts';
import { OwnObjects } from './own-objects.ts';
import type { Plan } from './plan.ts';
import { carryOut } from './plan-runner.ts';
import type { PlanTools } from './plan-tools.ts';
import { printPlan } from './print-plan.ts';
import { SlowKeys } from './slow-keys.ts';
import { subscribe } from './subscribe.ts';
import type { Watch } from './watch.ts';

const workersDefault = 5;
/** Of one controller, besides those that its workers are at. */
const slowKeysMax = 100;
/**
 * A key whose decision takes longer than this, as that about a very large set, rests ten times as long
 * afterwards.
 */
const costlyMs = 20;
const restFactor = 10;
const restMaxMs = 5_000;

export interface RunnerOptions {
  readonly env: Env;
  /** One client for all controllers, or each controller's own, by its name. */
  readonly client: Client | ((controller: string) => Client);
  readonly informers: Informers;
  readonly metrics?: ControllerMetrics | undefined;
}

export interface RunningControllers {
  /** No new key is taken; resolves when those being worked on have ended. */
  stop(): Promise<void>;
}

export function startControllers(
  definitions: readonly ControllerDefinition[],
  options: RunnerOptions,
): RunningControllers {
  const pace = new WritePace(options.env.clock);
  const stops = definitions.map((definition) => startController(definition, options, pace));
  return {
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

function startController(
  definition: ControllerDefinition,
  options: RunnerOptions,
  pace: WritePace,
): () => Promise<void> {
  const { name, identity = name, eventSource = name, workers: workerCount = workersDefault } = definition;
  const informers = new ScopedInformers(options.informers);
  const env = { ...options.env, log: options.env.log.child({ controller: name }) };
  const client = typeof options.client === 'function' ? options.client(identity) : options.client;
  const queue = new WorkQueue(env.clock);
  options.metrics?.started(name, queue);
  const recorder = createEventRecorder({ env, client, component: eventSource });
  const own = new OwnObjects(env.clock, (object) => controller.wrote?.(object));
  const enqueue = (key: string, delayMs = 0) => queue.addAfter(key, delayMs);
  const watch = (declared: Watch) => subscribe(declared, { informers, own, enqueue });
  const allowance = pace.allowances();
  const end = new AbortController();
  const context = { env, client, informers, enqueue, watch, allowance, ending: end.signal };
  const controller = definition.start(context);
  for (const declared of controller.watches) watch(declared);
  const stopped = Promise.withResolvers<void>();
  const slow = new SlowKeys(env.clock, workerCount === 1 ? 0 : slowKeysMax);
  const work = async () => {
    await Promise.race([informers.synced(), stopped.promise]);
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      await slow.endOrLeave(workOn(key, controller, queue, { client, recorder, pace, own, env }));
    }
  };
  const workers = Array.from({ length: workerCount }, work);
  return async () => {
    end.abort(new Error('the controller stops'));
    queue.shutDown();
    stopped.resolve();
    await Promise.all(workers);
    await slow.ended();
    await recorder.flushed();
    controller.stop?.();
    informers.stop();
    options.metrics?.stopped(name);
  };
}

type WorkTools = Pick<PlanTools, 'client' | 'recorder' | 'pace' | 'own'> & { readonly env: Env };

async function workOn(
  key: string,
  controller: RunningController,
  queue: WorkQueue,
  tools: WorkTools,
): Promise<void> {
  const { env, own } = tools;
  let restMs = 0;
  try {
    // The update that the cache still lacks will wake the key again.
    if (own.isOutdated(key)) return;
    const beganMs = env.clock.monotonicMs();
    const deciding = controller.reconcile(key, { isCurrent: own.expectations.satisfied(key) });
    const tookMs = env.clock.monotonicMs() - beganMs;
    if (tookMs > costlyMs) restMs = Math.min(tookMs * restFactor, restMaxMs);
    const plan = await deciding;
    logPlan(env, key, plan);
    const wake = (other: string, delayMs = 0) => queue.addAfter(other, delayMs);
    await carryOut(plan, { ...tools, key, steps: controller.steps ?? [], wake });
    queue.forget(key);
  } catch (error) {
    // The namespace controller deletes what is left; trying again would only fail again.
    if (isNamespaceTerminating(error)) return queue.forget(key);
    // Changed or deleted by another client since the view was taken.
    const isRace = error instanceof StatusError && (error.code === 409 || error.code === 404);
    if (isRace) env.log.debug('lost a race, trying again', { key, error: String(error) });
    else env.log.warn('reconcile failed, trying again', { key, error: String(error) });
    queue.addRateLimited(key);
  } finally {
    queue.doneAfter(key, restMs);
  }
}

/** Printed only when the line is written. */
function logPlan({ log }: Env, key: string, plan: Plan): void {
  if (plan.actions.length > 0) log.debug('plan', { key, plan: { toJSON: () => printPlan(plan) } });
}
