/**
 * The queues of one priority level, and which request gets seats next. Fair queuing as in upstream's queueset: every
 * queue gets the same progress in seat-seconds, measured by a meter R that all queues share; the request that would
 * finish first by that meter is dispatched first.
 *
 * The meter runs while queues are active, at the seats in use for each of them. A queue that becomes active starts at
 * R; dispatching moves its start by the estimated work, and the end of the request corrects the estimate.
 */

import type { Clock } from '#base/clock.ts';
import { LinkedList } from '#base/collections/linked-list.ts';
import { Deadlines } from '../deadlines.ts';
import type { LevelSeries } from '../metrics/level-series.ts';
import type { RejectReason } from '../metrics/schema-series.ts';
import { nextQueue } from './next-queue.ts';
import { QueuePool, type RequestQueue } from './queue-pool.ts';
import { estimatedServiceMs, type QueuedRequest } from './queued-request.ts';
import { workOf } from './work.ts';

export interface Queuing {
  /** 0: requests do not wait; -1: they are not limited either. */
  readonly queues: number;
  readonly handSize: number;
  readonly queueLengthLimit: number;
  /** Requests that may begin beyond the limit of seats, each the only request of its queue. Default none. */
  readonly seatsBeside?: number;
}

export class QueueSet {
  readonly #clock: Clock;
  readonly #series: LevelSeries;
  readonly #lingering: Deadlines;
  #queuing: Queuing;
  #seatsLimit: number;
  readonly #queues = new QueuePool();
  readonly #waitingQueues = new Set<RequestQueue>();
  readonly #queueless = new LinkedList<QueuedRequest>();
  #activeQueues = 0;
  #currentR = 0;
  #lastMs: number;
  /** Index of the queue that was dispatched from last. */
  #robinIndex = 0;
  requestsWaiting = 0;
  requestsExecuting = 0;
  seatsInUse = 0;
  seatsWaiting = 0;
  dispatchedTotal = 0;
  rejectedTotal = 0;
  timedOutTotal = 0;
  cancelledTotal = 0;

  constructor(
    clock: Clock,
    series: LevelSeries,
    queuing: Queuing,
    seatsLimit: number,
    seatsDenominator: number,
  ) {
    this.#clock = clock;
    this.#series = series;
    this.#lingering = new Deadlines(clock);
    this.#queuing = queuing;
    this.#seatsLimit = seatsLimit;
    this.#lastMs = clock.monotonicMs();
    this.configure(queuing, seatsLimit, seatsDenominator);
  }

  get isIdle(): boolean {
    return this.requestsWaiting === 0 && this.requestsExecuting === 0;
  }

  get seatsLimit(): number {
    return this.#seatsLimit;
  }

  configure(queuing: Queuing, seatsLimit: number, seatsDenominator: number): void {
    const nowMs = this.#sync();
    this.#queuing = queuing;
    this.#seatsLimit = seatsLimit;
    const waitingMax = Math.max(1, queuing.queueLengthLimit) * Math.max(1, queuing.queues);
    this.#series.waiting.setDenominator(waitingMax, nowMs);
    this.#series.executing.setDenominator(seatsDenominator, nowMs);
    this.#series.seatUtilization.setDenominator(seatsDenominator, nowMs);
    this.#series.demand.setDenominator(seatsDenominator, nowMs);
    this.#dispatchAll(nowMs);
  }

  /**
   * Afterwards the request executes or waits, or it is rejected and the reason is returned. `hand`: indices of the
   * queues of its flow.
   */
  start(request: QueuedRequest, hand: readonly number[]): RejectReason | undefined {
    const nowMs = this.#sync();
    request.arrivalMs = nowMs;
    request.arrivalR = this.#currentR;
    if (this.#queuing.queues < 1) return this.#startWithoutQueue(request, nowMs);
    const queue = this.#queues.choose(hand, this.requestsWaiting === 0);
    if (this.seatsInUse >= this.#seatsLimit && queue.waiting.size >= this.#queuing.queueLengthLimit) {
      return this.#reject(request, 'queue-full');
    }
    request.queue = queue;
    if (!queue.isActive) {
      queue.nextDispatchR = this.#currentR;
      this.#activeQueues++;
    }
    const isAlone = this.requestsWaiting === 0;
    const fits = isAlone && this.seatsInUse < this.#seatsLimit && this.#hasSeatsFor(request);
    if (fits || this.#mayBeginBeside(request, queue)) {
      this.#robinIndex = queue.index;
      request.series.queueLengths.observe(1);
      queue.nextDispatchR = Math.max(queue.nextDispatchR, request.arrivalR);
      this.#execute(request, nowMs);
      return undefined;
    }
    this.#enqueue(request, queue, nowMs);
    if (this.seatsInUse < this.#seatsLimit) this.#dispatchAll(nowMs);
    return undefined;
  }

  /** The request has been answered. Returns the time. */
  finish(request: QueuedRequest): number {
    const nowMs = this.#sync();
    const { queue, work, series } = request;
    request.state = 'over';
    this.requestsExecuting--;
    series.executingRequests--;
    this.#series.executing.set(this.requestsExecuting, nowMs);
    if (queue) {
      queue.executing.remove(request.place!);
      if (!queue.isActive) this.#activeQueues--;
      queue.nextDispatchR -= workOf(work.initialSeats, estimatedServiceMs - (nowMs - request.startMs));
      queue.boundNextDispatch();
    } else this.#queueless.remove(request.place!);
    if (work.additionalLatencyMs > 0) {
      this.#lingering.begin(nowMs + work.additionalLatencyMs, () => this.#release(request, this.#sync()));
    } else this.#release(request, nowMs);
    return nowMs;
  }

  /** The request waited too long, or its client has disconnected. */
  cancel(request: QueuedRequest): void {
    const nowMs = this.#sync();
    this.#leaveQueue(request, nowMs);
    request.state = 'over';
    if (!request.queue!.isActive) this.#activeQueues--;
    request.queue!.boundNextDispatch();
    this.rejectedTotal++;
    this.cancelledTotal++;
    request.series.rejected['time-out']++;
  }

  queues(): Iterable<RequestQueue> {
    return this.#queues.upTo(this.#queuing.queues);
  }

  get queueless(): Iterable<QueuedRequest> {
    return this.#queueless;
  }

  get activeQueues(): Iterable<RequestQueue> {
    return this.#queues.made;
  }

  get waitingQueues(): number {
    return this.#waitingQueues.size;
  }

  /** Advances the meter by the time since the last call, in which the queues did not change. */
  #sync(): number {
    const nowMs = this.#clock.monotonicMs();
    if (this.#activeQueues > 0) {
      const seats = Math.min(this.seatsInUse + this.seatsWaiting, this.#seatsLimit);
      this.#currentR += workOf(seats / this.#activeQueues, nowMs - this.#lastMs);
      this.#series.currentR = this.#currentR;
    }
    this.#lastMs = nowMs;
    return nowMs;
  }

  #startWithoutQueue(request: QueuedRequest, nowMs: number): RejectReason | undefined {
    if (!this.#hasSeatsFor(request)) return this.#reject(request, 'concurrency-limit');
    request.place = this.#queueless.add(request);
    this.#execute(request, nowMs);
    return undefined;
  }

  #reject(request: QueuedRequest, reason: RejectReason): RejectReason {
    request.state = 'over';
    this.rejectedTotal++;
    request.series.rejected[reason]++;
    return reason;
  }

  /**
   * The only request of a queue, of one seat, does not wait until large lists of other flows have been sent: on a
   * single thread it is answered long before.
   */
  #mayBeginBeside({ seats }: QueuedRequest, queue: RequestQueue): boolean {
    if (seats > 1 || queue.isActive || queue.seatsInUse > 0 || this.#seatsLimit === 0) return false;
    return this.seatsInUse < this.#seatsLimit + (this.#queuing.seatsBeside ?? 0);
  }

  #enqueue(request: QueuedRequest, queue: RequestQueue, nowMs: number): void {
    request.state = 'waiting';
    queue.add(request);
    this.#waitingQueues.add(queue);
    this.requestsWaiting++;
    this.seatsWaiting += request.seats;
    request.series.inQueueRequests++;
    request.series.inQueueSeats += request.seats;
    this.#series.waiting.set(this.requestsWaiting, nowMs);
    this.#noteDemand(nowMs);
    request.series.queueLengths.observe(queue.waiting.size);
    queue.boundNextDispatch();
  }

  #leaveQueue(request: QueuedRequest, nowMs: number): void {
    const queue = request.queue!;
    queue.remove(request);
    if (queue.waiting.size === 0) this.#waitingQueues.delete(queue);
    this.requestsWaiting--;
    this.seatsWaiting -= request.seats;
    request.series.inQueueRequests--;
    request.series.inQueueSeats -= request.seats;
    this.#series.waiting.set(this.requestsWaiting, nowMs);
    this.#noteDemand(nowMs);
  }

  #dispatchAll(nowMs: number): void {
    while (this.requestsWaiting > 0 && this.seatsInUse < this.#seatsLimit) {
      const request = this.#nextRequest();
      if (!request) return;
      this.#leaveQueue(request, nowMs);
      request.fit(this.#seatsLimit);
      this.#execute(request, nowMs);
      request.queue!.boundNextDispatch();
      request.onDispatched?.();
    }
  }

  /** Undefined when the next request needs more seats than are free: requests behind it do not overtake it. */
  #nextRequest(): QueuedRequest | undefined {
    const next = nextQueue(this.#waitingQueues, this.#queuing.queues, this.#robinIndex, this.#series);
    const request = next.oldest!;
    if (!this.#hasSeatsFor(request)) {
      request.series.noAccommodation++;
      return undefined;
    }
    this.#robinIndex = next.index;
    this.#series.dispatchR = this.#currentR;
    this.#series.latestS = next.nextDispatchR;
    return request;
  }

  /** A request of more seats than the level has executes alone. */
  #hasSeatsFor({ seats }: QueuedRequest): boolean {
    if (this.#queuing.queues < 0) return true;
    if (seats > this.#seatsLimit) return this.requestsExecuting === 0;
    return this.seatsInUse + seats <= this.#seatsLimit;
  }

  #execute(request: QueuedRequest, nowMs: number): void {
    const { queue, series, seats } = request;
    request.state = 'executing';
    request.startMs = nowMs;
    this.requestsExecuting++;
    this.dispatchedTotal++;
    this.seatsInUse += seats;
    series.dispatched++;
    series.executingRequests++;
    series.executingSeats += seats;
    if (queue) {
      request.place = queue.executing.add(request);
      queue.seatsInUse += seats;
      queue.nextDispatchR += request.totalWork;
    }
    this.#series.executing.set(this.requestsExecuting, nowMs);
    this.#series.seatUtilization.set(this.seatsInUse, nowMs);
    this.#noteDemand(nowMs);
  }

  #release(request: QueuedRequest, nowMs: number): void {
    const { queue, series, seats } = request;
    this.seatsInUse -= seats;
    series.executingSeats -= seats;
    if (queue) {
      queue.seatsInUse -= seats;
      if (!queue.isActive && queue.seatsInUse === 0 && queue.index >= this.#queuing.queues) {
        this.#queues.remove(queue.index);
      }
    }
    this.#series.seatUtilization.set(this.seatsInUse, nowMs);
    this.#noteDemand(nowMs);
    if (this.requestsWaiting > 0) this.#dispatchAll(nowMs);
  }

  #noteDemand(nowMs: number): void {
    const demand = this.seatsInUse + this.seatsWaiting;
    this.#series.seatDemand.set(demand, nowMs);
    this.#series.demand.set(demand, nowMs);
  }
}
