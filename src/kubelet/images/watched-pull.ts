/**
 * Watches a pull while it runs: reports the progress of one that takes long, and ends one that gets nothing any more, or
 * more than its registry has announced (docs/decisions/0027-pull-progress.md).
 */

import { backOffMs } from '#base/back-off.ts';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import { PullCourse, type PullLook, type PullProgress } from '#host/containerd/pull-progress.ts';

/** Looks at the pull of one image. */
export interface PullLooks {
  look(): Promise<PullLook>;
  /** Layers are being unpacked, which the progress does not show. */
  isUnpacking(): Promise<boolean>;
  close(): void;
}

export interface PullWatching {
  readonly image: string;
  readonly looks: PullLooks;
  readonly onProgress: (progress: PullProgress) => void;
  /** Of the caller. */
  readonly signal?: AbortSignal | undefined;
}

const lookMs = 5000;
/** After half a minute, then after twice as long each time: few events even of a pull that takes an hour. */
const reports = { initialMs: 30_000, maxMs: 4 * 60_000 };

/** Resolves with the result of `pull`, whose signal is aborted with the caller's, or when the pull is ended here. */
export async function watchedPull<T>(
  { clock, log }: Env,
  { image, looks, onProgress, signal }: PullWatching,
  pull: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const course = new PullCourse(clock.monotonicMs());
  const reportTimes = new ReportTimes(clock);
  const repeater = new Repeater(clock, lookMs, async () => {
    try {
      const look = await looks.look();
      if (repeater.isStopped) return;
      if (look.progress && reportTimes.isDue()) onProgress(look.progress);
      const problem = await course.problem(look, clock.monotonicMs(), () => looks.isUnpacking());
      if (problem !== undefined) ended.abort(problem);
    } catch (error) {
      log.debug('the progress of a pull cannot be read', { image, error: errorText(error) });
    }
  });
  repeater.start();
  try {
    return await pull(AbortSignal.any([ended.signal, ...(signal ? [signal] : [])]));
  } catch (error) {
    if (!ended.signal.aborted || signal?.aborted) throw error;
    throw new Error(`failed to pull image "${image}": ${ended.signal.reason}`);
  } finally {
    repeater.stop();
    looks.close();
  }
}

/** When the progress of a pull is reported. */
class ReportTimes {
  readonly #clock: Clock;
  #count = 1;
  #nextAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#nextAtMs = clock.monotonicMs() + reports.initialMs;
  }

  isDue(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#nextAtMs) return false;
    this.#nextAtMs = nowMs + backOffMs(reports, ++this.#count);
    return true;
  }
}
