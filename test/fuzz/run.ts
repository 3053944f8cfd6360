/**
 * A seeded run: cases side by side until enough requests were answered, with the server's memory and its
 * event loop looked at in between.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Case } from './cases/case.ts';
import { customCase } from './cases/custom.ts';
import { objectCase } from './cases/objects.ts';
import { listCase, pathCase } from './cases/paths.ts';
import { policyCase } from './cases/policies.ts';
import { brokenCase, upgradeCase, wholeCase } from './cases/sockets.ts';
import { admissionWebhookCase, aggregatedCase, conversionCase } from './cases/webhooks.ts';
import { Chance } from './chance.ts';
import { type Fault, Hung, Target } from './target.ts';

type RunCase = (run: Case) => Promise<void>;

/** By their share of the cases. */
const kinds: readonly (readonly [weight: number, run: RunCase])[] = [
  [45, objectCase],
  [20, pathCase],
  [12, listCase],
  [3, customCase],
  [3, policyCase],
  [14, wholeCase],
  [1, brokenCase],
  [1, upgradeCase],
  [1, admissionWebhookCase],
  [1, conversionCase],
  [0.5, aggregatedCase],
];

const lanes = 8;
const faultsMax = 500;

export interface RunOptions {
  readonly seed: number;
  readonly requests: number;
  /** Runs this case alone. */
  readonly only?: number | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly requests: number;
  readonly cases: number;
  readonly faults: number;
  readonly found: readonly Fault[];
}

export interface Report extends Progress {
  readonly seconds: number;
  readonly byCode: ReadonlyMap<number, number>;
  /** After garbage collection: when a tenth of the requests was answered, and at the end. */
  readonly heapBytes: readonly [early: number, end: number];
  readonly rssBytes: readonly [early: number, end: number];
}

export async function fuzz(options: RunOptions): Promise<Report> {
  const target = await Target.start();
  const beganMs = performance.now();
  const state: RunState = { target, options, next: options.only ?? 0, heap: [], rss: [] };
  const timer = setInterval(() => options.onProgress?.(progressOf(state)), 1000);
  try {
    if (options.only !== undefined) await runOne(state);
    else await Promise.all(Array.from({ length: lanes }, () => runLane(state)));
    measure(state);
    await checkAlive(target);
  } finally {
    clearInterval(timer);
    await target.stop();
  }
  const [early = 0] = state.heap;
  const [earlyRss = 0] = state.rss;
  return {
    ...progressOf(state),
    seconds: (performance.now() - beganMs) / 1000,
    byCode: target.byCode,
    heapBytes: [early, state.heap.at(-1)!],
    rssBytes: [earlyRss, state.rss.at(-1)!],
  };
}

interface RunState {
  readonly target: Target;
  readonly options: RunOptions;
  next: number;
  readonly heap: number[];
  readonly rss: number[];
}

function progressOf({ target, next }: RunState): Progress {
  return { requests: target.requests, cases: next, faults: target.faults.length, found: target.faults };
}

async function runLane(state: RunState): Promise<void> {
  const { target, options } = state;
  while (target.requests < options.requests && target.faults.length < faultsMax) {
    if (state.heap.length === 0 && target.requests > options.requests / 10) measure(state);
    await runOne(state);
  }
}

async function runOne(state: RunState): Promise<void> {
  const { target, options } = state;
  const number = state.next++;
  const chance = new Chance(options.seed, number);
  const run = chance.weighted(kinds);
  try {
    await run({ target, chance, number, name: `f${number}` });
  } catch (error) {
    if (error instanceof Hung) return;
    target.fault(number, run.name, `the case fails: ${(error as Error).stack}`);
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function measure(state: RunState): void {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  state.heap.push(heapUsed);
  state.rss.push(rss);
}

async function checkAlive(target: Target): Promise<void> {
  const { status, text } = await target.send(-1, { method: 'GET', path: '/readyz', headers: {} });
  if (status !== 200) target.fault(-1, 'GET /readyz', `${status} ${text}`);
}
