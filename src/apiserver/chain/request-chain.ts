/**
 * Takes requests through the stages: in from the first to the last, out in the opposite order. Every response
 * passes the way out of every stage. No promise is made as long as no stage returns one.
 */

import type { Observations } from '#base/metrics/histogram.ts';
import { errorText } from '#base/text/error-text.ts';
import { isStream } from '#client/transport/body.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Exchange } from '../request/exchange.ts';
import type { StageDurations } from '../request/stage-durations.ts';
import type { Answer, Entered, Stage } from './stage.ts';

/** A stage with a way in. */
interface Entrance {
  readonly name: string;
  enter(exchange: Exchange): Entered;
  /** Absent: not measured. */
  readonly duration: Observations | undefined;
}

type Rescue = NonNullable<Stage['rescue']>;

export class RequestChain {
  readonly #entrances: Readonly<Record<'inside' | 'outside', readonly Entrance[]>>;
  readonly #waits: readonly NonNullable<Stage['wait']>[];
  readonly #rescue: Rescue;
  /** The innermost first. */
  readonly #exits: readonly NonNullable<Stage['leave']>[];
  readonly #ends: readonly NonNullable<Stage['end']>[];

  constructor(stages: readonly Stage[], durations: StageDurations) {
    const outside: Entrance[] = [];
    const inside: Entrance[] = [];
    for (const { name, enter, callers, isInstant } of stages) {
      if (!enter) continue;
      const entrance = { name, enter, duration: isInstant ? undefined : durations.of(name) };
      outside.push(entrance);
      if (callers !== 'outside') inside.push(entrance);
    }
    this.#entrances = { inside, outside };
    this.#waits = stages.flatMap(({ wait }) => wait ?? []);
    const outward = [...stages].reverse();
    this.#rescue = outward.find(({ rescue }) => rescue)!.rescue!;
    this.#exits = outward.flatMap(({ leave }) => leave ?? []);
    this.#ends = outward.flatMap(({ end }) => end ?? []);
  }

  /** Never rejects. */
  async answer(exchange: Exchange): Promise<ApiResponse> {
    const entrances = exchange.trusted ? this.#entrances.inside : this.#entrances.outside;
    const work = this.#enter(entrances, exchange, 0, exchange.startedMs);
    if (work instanceof Promise) return this.#answerLater(exchange, work);
    this.#end(exchange);
    return this.#leave(exchange, work);
  }

  /** A stage's time begins where that of the stage before it ends: the clock is read once for each. */
  #enter(
    entrances: readonly Entrance[],
    exchange: Exchange,
    from: number,
    beganMs: number,
  ): ApiResponse | Promise<ApiResponse> {
    const { clock } = exchange.parts.env;
    let sinceMs = beganMs;
    for (let i = from; i < entrances.length; i++) {
      const { name, enter, duration } = entrances[i]!;
      let entered: Entered;
      try {
        entered = enter(exchange);
      } catch (error) {
        entered = this.#rescue(exchange, error);
      }
      if (entered instanceof Promise) {
        const goOn = (response: ApiResponse | undefined) => {
          const nowMs = clock.monotonicMs();
          duration?.observe(nowMs - sinceMs);
          exchange.audit?.recordLatency(name, nowMs - sinceMs);
          return response ?? this.#enter(entrances, exchange, i + 1, nowMs);
        };
        return entered.then(goOn, (error) => goOn(this.#rescue(exchange, error)));
      }
      if (duration) {
        const nowMs = clock.monotonicMs();
        duration.observe(nowMs - sinceMs);
        exchange.audit?.recordLatency(name, nowMs - sinceMs);
        sinceMs = nowMs;
      }
      if (entered) return entered;
    }
    return this.#rescue(exchange, new NoSuchPage());
  }

  #answerLater(exchange: Exchange, work: Promise<ApiResponse>): Promise<ApiResponse> {
    return new Promise((resolve) => {
      let isAnswered = false;
      const answerEarly = (response: ApiResponse) => {
        isAnswered = true;
        resolve(this.#leave(exchange, response));
      };
      exchange.answerEarly = answerEarly;
      for (const wait of this.#waits) wait(exchange);
      void work.then((response) => {
        this.#end(exchange);
        if (!isAnswered) resolve(this.#leave(exchange, response));
        else if (isStream(response.body)) response.body.cancel?.();
      });
    });
  }

  #end(exchange: Exchange): void {
    for (const end of this.#ends) end(exchange);
  }

  #leave(exchange: Exchange, response: ApiResponse): ApiResponse {
    const answer: Answer = { ...response, headers: { ...response.headers } };
    for (const leave of this.#exits) {
      try {
        leave(exchange, answer);
      } catch (error) {
        exchange.parts.env.log.error('a stage failed on the way out', { error: errorText(error) });
      }
    }
    return answer;
  }
}
