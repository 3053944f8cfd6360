/**
 * Reads the stats of several nodes: one that cannot be measured, or does not answer in time, fails none of the
 * others. Other requests get their turn between the nodes, of which there may be thousands.
 */

import { type Clock, nextTurn, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { NodeStats, UsageSource } from '../contract/usage-source.ts';

/** Nodes that are asked at the same time. */
const nodesAtOnce = 32;
const answerMaxMs = 10_000;

export class UsageOfNodes {
  readonly #source: UsageSource;

  constructor(source: UsageSource) {
    this.#source = source;
  }

  /** By node, without those that have no stats. */
  async read(
    nodeNames: readonly string[],
    { clock, log }: Pick<Env, 'clock' | 'log'>,
  ): Promise<ReadonlyMap<string, NodeStats>> {
    const found = new Map<string, NodeStats>();
    const waiting = new Set(nodeNames).values();
    const next = async () => {
      for (const node of waiting) {
        try {
          const stats = await inTime(clock, this.#source.read(node));
          if (stats) found.set(node, stats);
        } catch (error) {
          log.warn('the use of a node could not be measured', { node, error: errorText(error) });
        }
        await nextTurn(clock);
      }
    };
    await Promise.all(Array.from({ length: nodesAtOnce }, next));
    return found;
  }
}

async function inTime<T>(clock: Clock, answer: Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no answer within ${answerMaxMs / 1000} s`);
    timer = clock.after(answerMaxMs, () => reject(error));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer?.cancel();
  }
}
