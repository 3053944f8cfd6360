/** Numbers of read-only and mutating requests that wait and execute: now, and over time. */

import { TimedRatio } from './samples.ts';

const buckets = [0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

class Phase {
  now = 0;
  readonly ratio: TimedRatio;

  constructor(nowMs: number) {
    this.ratio = new TimedRatio(buckets, nowMs);
  }

  add(change: 1 | -1, nowMs: number): void {
    this.now += change;
    this.ratio.set(this.now, nowMs);
  }
}

export class ReadWriteSeries {
  readonly phases: Readonly<
    Record<'waiting' | 'executing', Readonly<Record<'readOnly' | 'mutating', Phase>>>
  >;

  constructor(nowMs: number) {
    const both = () => ({ readOnly: new Phase(nowMs), mutating: new Phase(nowMs) });
    this.phases = { waiting: both(), executing: both() };
  }

  get counts() {
    const both = ({ readOnly, mutating }: (typeof this.phases)['waiting']) => ({
      readOnly: readOnly.now,
      mutating: mutating.now,
    });
    return { waiting: both(this.phases.waiting), executing: both(this.phases.executing) };
  }

  waiting(isMutating: boolean, change: 1 | -1, nowMs: number): void {
    this.phases.waiting[isMutating ? 'mutating' : 'readOnly'].add(change, nowMs);
  }

  executing(isMutating: boolean, change: 1 | -1, nowMs: number): void {
    this.phases.executing[isMutating ? 'mutating' : 'readOnly'].add(change, nowMs);
  }
}
