/** The conditions and events that a decision about one autoscaler comes to, step by step. */

import type { HorizontalPodAutoscalerCondition } from '#api/generated/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';

export interface FoundEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

type Condition = Omit<HorizontalPodAutoscalerCondition, 'lastTransitionTime'>;

export class Findings {
  readonly #nowMs: number;
  readonly events: FoundEvent[] = [];
  #conditions: readonly HorizontalPodAutoscalerCondition[];

  constructor(conditions: readonly HorizontalPodAutoscalerCondition[] = [], nowMs: number) {
    this.#conditions = conditions;
    this.#nowMs = nowMs;
  }

  get conditions(): HorizontalPodAutoscalerCondition[] {
    return [...this.#conditions];
  }

  warn(reason: string, message: string): void {
    this.events.push({ type: 'Warning', reason, message });
  }

  /** Added, or changed in its place; its time changes with its status. */
  set(type: string, status: 'True' | 'False', reason: string, message: string): void {
    this.#conditions = this.with({ type, status, reason, message });
  }

  /** The conditions with this one set. */
  with(condition: Condition): HorizontalPodAutoscalerCondition[] {
    const before = this.#conditions.find(({ type }) => type === condition.type);
    const lastTransitionTime =
      before?.status === condition.status ? before.lastTransitionTime : rfc3339(this.#nowMs);
    const set = { ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
    if (!before) return [...this.#conditions, set];
    return this.#conditions.map((old) => (old === before ? set : old));
  }

  remove(type: string): void {
    this.#conditions = this.#conditions.filter((condition) => condition.type !== type);
  }
}
