/**
 * API priority and fairness: finds the FlowSchema of a request, its priority level and its flow, and decides when it
 * may begin. A request that does not wait costs under a microsecond.
 */

import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/types.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import type { Peer } from '../contract/authentication.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { DroppedRequests } from './dropped-requests.ts';
import type { ActiveSchema, Flow } from './levels/active-schema.ts';
import { FlowConfiguration } from './levels/configuration.ts';
import { ReadWriteSeries } from './metrics/read-write-series.ts';
import { QueuedRequest, type RequestDetail } from './queues/queued-request.ts';
import { oneSeat } from './queues/work.ts';
import { ThreadFlow } from './thread-flow.ts';
import { announcedBodyBytes, ThreadTurn } from './thread-turn.ts';
import { ThreadTurns } from './thread-turns.ts';
import { WatchCounts } from './watch-counts.ts';
import { type EstimateParts, estimateWork, type StoredSize } from './work-estimate.ts';

/** The part of an exchange that its classification needs. */
export interface AskedRequest extends RequestDetail {
  readonly request: {
    readonly signal?: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly peer?: Pick<Peer, 'reading'>;
  /** Set where the caller wants to speak another protocol. */
  readonly connection?: unknown;
  readonly startedMs: number;
  /** Undefined for a request without a deadline. */
  readonly timeoutMs: number | undefined;
}

/** A request without seats: `begins` is undefined if it may begin at once. */
interface SeatlessTurn {
  readonly turn: ThreadTurn;
  readonly begins: Promise<void> | undefined;
}

/** The admission of a request: its flow, whether and when it may begin, and the return of its seats. */
export class Ticket {
  readonly schema: ActiveSchema;
  readonly flow: Flow;
  readonly request: QueuedRequest;
  readonly isMutating: boolean;
  readonly turn: ThreadTurn;
  isRefused = false;
  /** Undefined if the request may begin at once or is rejected. Resolves to false if it is rejected after waiting. */
  begins: Promise<boolean> | undefined;
  readonly #control: FlowControl;
  #isKept = false;
  #isOver = false;

  constructor(
    control: FlowControl,
    schema: ActiveSchema,
    flow: Flow,
    request: QueuedRequest,
    turn: ThreadTurn,
  ) {
    this.turn = turn;
    this.#control = control;
    this.schema = schema;
    this.flow = flow;
    this.request = request;
    this.isMutating = !isReadOnly(request.detail.info.verb);
  }

  /** The answer is still to be sent: the returned function gives the seats back afterwards. */
  keep(): () => void {
    this.#isKept = true;
    return () => this.#finish();
  }

  /** The stages of the request have ended. */
  end(): void {
    this.turn.end();
    if (!this.#isKept) this.#finish();
  }

  #finish(): void {
    if (this.isRefused || this.#isOver) return;
    this.#isOver = true;
    this.#control.finish(this);
  }
}

const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export function isReadOnly(verb: string): boolean {
  return readOnlyVerbs.has(verb);
}

export class FlowControl {
  readonly configuration: FlowConfiguration;
  readonly watches = new WatchCounts();
  readonly dropped = new DroppedRequests();
  readonly readWrite: ReadWriteSeries;
  readonly #clock: Clock;
  readonly #turns: ThreadTurns;
  readonly #unknown = new ThreadFlow();
  readonly #sizeOf: (info: RequestInfo) => StoredSize | undefined;
  #onIdle = () => {};

  /** `seats`: of all requests under way at once. */
  constructor(clock: Clock, seats: number, sizeOf: (info: RequestInfo) => StoredSize | undefined) {
    this.#clock = clock;
    this.#sizeOf = sizeOf;
    this.#turns = new ThreadTurns(clock);
    this.configuration = new FlowConfiguration(clock, seats);
    this.readWrite = new ReadWriteSeries(clock.monotonicMs());
  }

  digest(levels: readonly PriorityLevelConfiguration[], schemas: readonly FlowSchema[]): void {
    this.configuration.digest(levels, schemas);
  }

  /** `callback` is called when a level that is no longer configured has become idle. */
  onIdle(callback: () => void): void {
    this.#onIdle = callback;
  }

  begin(asked: AskedRequest): Ticket {
    const { user, info } = asked;
    const schema = this.#schemaOf(user, info);
    const flow = schema.flowOf(user, info);
    const { level, series } = schema;
    const work = info.verb === 'get' ? oneSeat : estimateWork(info, this.#estimateParts(schema));
    const request = new QueuedRequest(work, series, flow.distinguisher, asked);
    series.estimatedSeats.observe(request.seats);
    const ticket = new Ticket(this, schema, flow, request, this.#turnOf(flow, asked));
    ticket.isRefused = level.queues.start(request, flow.hand) !== undefined;
    if (ticket.isRefused) return ticket;
    if (request.state === 'executing' && ticket.turn.mayBegin(request.startMs)) {
      this.#began(ticket, request.startMs);
    } else ticket.begins = this.#wait(ticket, asked);
    return ticket;
  }

  /** For a request that takes no seats, as it may go on for long. */
  beginLongRunning(asked: AskedRequest): SeatlessTurn {
    const { user, info } = asked;
    return this.#beginSeatless(this.#schemaOf(user, info).flowOf(user, info), asked);
  }

  /** For the refusal of a request whose caller is not known: such requests are one flow. */
  beginRefusal(asked: AskedRequest): SeatlessTurn {
    return this.#beginSeatless(this.#unknown, asked);
  }

  /** Called once for a request that was not rejected, when its answer has been sent. */
  finish({ schema, request, isMutating }: Ticket): void {
    const { level, series } = schema;
    const nowMs = level.queues.finish(request);
    const executions =
      request.detail.info.verb === 'watch' ? series.watchExecutions : series.regularExecutions;
    executions.observe((nowMs - request.startMs) / 1000);
    this.readWrite.executing(isMutating, -1, nowMs);
    if (level.isQuiescing && level.isIdle) this.#onIdle();
  }

  /** Returns the seconds for the Retry-After header. */
  refuse({ schema }: Ticket): number {
    const { name } = schema.level;
    this.dropped.record(name, this.#clock.monotonicMs());
    return this.dropped.retryAfterSeconds(name);
  }

  #schemaOf(user: UserInfo, info: RequestInfo): ActiveSchema {
    const { schemas } = this.configuration;
    for (let i = 0; i < schemas.length; i++) if (schemas[i]!.matches(user, info)) return schemas[i]!;
    // A user in neither system:authenticated nor system:unauthenticated matches no schema.
    return schemas.find(({ name }) => name === 'catch-all')!;
  }

  #turnOf(flow: ThreadFlow, { request, info, peer, connection }: AskedRequest): ThreadTurn {
    const mayHaveBody = peer !== undefined && connection === undefined;
    const bodyBytes = announcedBodyBytes(request.headers, info, mayHaveBody);
    return new ThreadTurn(this.#turns, flow, bodyBytes, connection ? undefined : peer?.reading);
  }

  #beginSeatless(flow: ThreadFlow, asked: AskedRequest): SeatlessTurn {
    const turn = this.#turnOf(flow, asked);
    const begins = turn.mayBegin(this.#clock.monotonicMs()) ? undefined : turn.wait();
    return { turn, begins };
  }

  /** First for seats, then for the thread. */
  async #wait(ticket: Ticket, asked: AskedRequest): Promise<boolean> {
    const { request, schema, isMutating, turn } = ticket;
    this.readWrite.waiting(isMutating, 1, request.arrivalMs);
    const hasSeats = request.state === 'executing' || (await this.#seats(ticket, asked));
    if (hasSeats) await turn.wait();
    const nowMs = this.#clock.monotonicMs();
    this.readWrite.waiting(isMutating, -1, nowMs);
    if (hasSeats) this.#began(ticket, nowMs);
    else schema.series.rejectedWaits.observe((nowMs - request.arrivalMs) / 1000);
    ticket.isRefused = !hasSeats;
    return hasSeats;
  }

  #seats({ request, schema }: Ticket, asked: AskedRequest): Promise<boolean> {
    const { level } = schema;
    const { signal } = asked.request;
    return new Promise((resolve) => {
      const over = (hasSeats: boolean) => {
        timer.cancel();
        signal?.removeEventListener('abort', cancel);
        resolve(hasSeats);
      };
      const cancel = () => {
        level.queues.cancel(request);
        over(false);
        if (level.isQuiescing && level.isIdle) this.#onIdle();
      };
      const timer = this.#clock.after(waitMsLeft(asked, this.#clock.monotonicMs()), cancel);
      signal?.addEventListener('abort', cancel, { once: true });
      const dispatched = () => over(true);
      request.onDispatched = dispatched;
    });
  }

  #began({ schema, isMutating, request }: Ticket, nowMs: number): void {
    const { series, level } = schema;
    if (!level.isExempt) series.executedWaits.observe((nowMs - request.arrivalMs) / 1000);
    this.readWrite.executing(isMutating, 1, nowMs);
  }

  #estimateParts({ series, level }: ActiveSchema): EstimateParts {
    return {
      sizeOf: this.#sizeOf,
      watchesOf: (info) => this.watches.interestedIn(info),
      observeWatches: (count) => series.watchCounts.observe(count),
      seatsMax: level.seatsPerRequestMax,
    };
  }
}

/** A quarter of the request's time, or of a minute for a request without a deadline. */
function waitMsLeft({ startedMs, timeoutMs = 60_000 }: AskedRequest, nowMs: number): number {
  return Math.max(0, startedMs + timeoutMs / 4 - nowMs);
}
