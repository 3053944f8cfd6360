/** A priority level in force: its queues, its seat limits, and the seats that it has lent or borrowed. */

import type { PriorityLevelConfiguration } from '#api/generated/types.gen.ts';
import type { Clock } from '#base/clock.ts';
import type { Moments } from '../metrics/integrator.ts';
import { LevelSeries } from '../metrics/level-series.ts';
import { QueueSet, type Queuing } from '../queues/queue-set.ts';

/** Half of the smoothed demand is forgotten in five minutes. */
const smoothing = 0.977;
/** See `Queuing.seatsBeside`. Upstream has none: there a request on another thread would not be delayed. */
const seatsBeside = 8;
/** A request takes no more than this fraction of a level's seats. */
const seatsPerRequestPart = 0.15;

export class PriorityLevel {
  readonly name: string;
  readonly series: LevelSeries;
  configuration: PriorityLevelConfiguration;
  /** The level is no longer configured, and is removed when it is idle. */
  isQuiescing = false;
  nominalSeats = 0;
  minSeats = 0;
  maxSeats = 0;
  currentSeats = 0;
  /** Of the seat demand in the last period, as are the fields that follow. */
  highWatermark = 0;
  average = 0;
  deviation = 0;
  smoothed = 0;
  target = 0;
  /** 0: only the limit of all levels. */
  seatsPerRequestMax = 0;
  #queues: QueueSet | undefined;
  readonly #clock: Clock;

  constructor(configuration: PriorityLevelConfiguration, clock: Clock) {
    this.configuration = configuration;
    this.name = configuration.metadata!.name!;
    this.#clock = clock;
    this.series = new LevelSeries(this.name, clock.monotonicMs());
  }

  get uid(): string {
    return this.configuration.metadata?.uid ?? '';
  }

  get isExempt(): boolean {
    return this.configuration.spec!.type === 'Exempt';
  }

  get shares(): number {
    const { limited, exempt } = this.configuration.spec!;
    return (limited ?? exempt)?.nominalConcurrencyShares ?? 0;
  }

  get queuing(): Queuing {
    if (this.isExempt) return { queues: -1, handSize: 0, queueLengthLimit: 0 };
    const queuing = this.configuration.spec!.limited!.limitResponse?.queuing;
    const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing ?? {};
    return { queues, handSize, queueLengthLimit, seatsBeside };
  }

  /** Set since `limitSeats`. */
  get queues(): QueueSet {
    return this.#queues!;
  }

  get isIdle(): boolean {
    return this.#queues?.isIdle ?? true;
  }

  /** Sets its share of the server's seats; rounded up, so that the shares add up to slightly more than all seats. */
  setShare(serverSeats: number, sharesOfAll: number): void {
    const { limited, exempt } = this.configuration.spec!;
    const nominal = sharesOfAll > 0 ? Math.ceil((serverSeats * this.shares) / sharesOfAll) : 0;
    const lendable = Math.round((nominal * ((limited ?? exempt)?.lendablePercent ?? 0)) / 100);
    const percent = limited?.borrowingLimitPercent;
    const borrowing = percent === undefined ? serverSeats : Math.round((nominal * percent) / 100);
    this.nominalSeats = nominal;
    this.minSeats = nominal - lendable;
    this.maxSeats = nominal + borrowing;
    const { handSize } = this.queuing;
    if (handSize > 0) {
      const part = Math.min(Math.ceil(nominal * seatsPerRequestPart), Math.floor(nominal / handSize));
      this.seatsPerRequestMax = Math.max(1, part);
    }
    if (!this.#queues) this.currentSeats = nominal - Math.floor(lendable / 2);
  }

  noteDemand({ durationSeconds, average, deviation, max }: Moments): void {
    this.highWatermark = Math.round(max);
    if (durationSeconds <= 0) return;
    this.average = average;
    this.deviation = Number.isNaN(deviation) ? 0 : deviation;
    const envelope = this.average + this.deviation;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
  }

  limitSeats(seats: number, serverSeats: number): void {
    this.currentSeats = seats;
    const denominator = seats > 0 ? seats : Math.max(1, Math.round(serverSeats / 10));
    if (this.#queues) this.#queues.configure(this.queuing, seats, denominator);
    else this.#queues = new QueueSet(this.#clock, this.series, this.queuing, seats, denominator);
  }
}

/** Why a stored level is invalid; undefined for a valid one. */
export function levelProblem({ metadata, spec }: PriorityLevelConfiguration): string | undefined {
  if (spec?.type !== 'Exempt' && spec?.type !== 'Limited') return 'no type';
  const isExempt = spec.type === 'Exempt';
  if (isExempt === (spec.limited !== undefined)) return 'broken union for Limited';
  if (isExempt !== (spec.exempt !== undefined)) return 'broken union for Exempt';
  if (isExempt !== (metadata?.name === 'exempt')) return 'non-alignment between name and type';
  const response = spec.limited?.limitResponse;
  if (response && (response.type === 'Reject') !== (response.queuing === undefined)) {
    return 'broken union for limit response';
  }
  return undefined;
}
