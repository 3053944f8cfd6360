/** A request at its priority level: its work, its queue, and its state. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Place } from '#base/collections/linked-list.ts';
import type { RequestInfo } from '../../contract/request-info.ts';
import type { SchemaSeries } from '../metrics/schema-series.ts';
import type { Queue } from './queue.ts';
import { seatsMax, type Work, workOf } from './work.ts';

/** Upstream's estimate of the time to answer a request, corrected when it has been answered. */
export const estimatedServiceMs = 3;

/** What `/debug` shows of a request. */
export interface RequestDetail {
  readonly user: UserInfo;
  readonly info: RequestInfo;
}

export class QueuedRequest {
  state: 'new' | 'waiting' | 'executing' | 'over' = 'new';
  readonly seats: number;
  readonly totalWork: number;
  readonly series: SchemaSeries;
  readonly distinguisher: string;
  readonly detail: RequestDetail;
  work: Work;
  /** Undefined where the level has no queues. */
  queue: Queue<QueuedRequest> | undefined;
  /** Among the requests that wait, or that execute. */
  place: Place<QueuedRequest> | undefined;
  arrivalMs = 0;
  arrivalR = 0;
  startMs = 0;
  /** Called when a waiting request gets its seats. */
  onDispatched: (() => void) | undefined;

  constructor(work: Work, series: SchemaSeries, distinguisher: string, detail: RequestDetail) {
    this.work = work;
    this.series = series;
    this.distinguisher = distinguisher;
    this.detail = detail;
    this.seats = seatsMax(work);
    this.totalWork = workOf(work.initialSeats, estimatedServiceMs) + finalWork(work);
  }

  /** Bounds the final seats by the level's, and lengthens the latency so that the work stays the same. */
  fit(seatsLimit: number): void {
    if (this.work.finalSeats <= seatsLimit) return;
    const additionalLatencyMs = finalWork(this.work) / seatsLimit / workOf(1, 1);
    this.work = { ...this.work, finalSeats: seatsLimit, additionalLatencyMs };
  }
}

function finalWork({ finalSeats, additionalLatencyMs }: Work): number {
  return workOf(finalSeats, additionalLatencyMs);
}
