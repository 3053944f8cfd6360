/**
 * Watches a pull while it runs: reports the progress of one that takes long, and ends one that gets nothing any more, or
 * more than its registry has announced (docs/decisions/0027-pull-progress.md).
 */

import { backOffMs } from '#base/back-off.ts';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { PullLook, PullProgress } from '#host/containerd/pull-progress.ts';

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
const stalledMs = 5 * 60_000;

/** Resolves with the result of `pull`, whose signal is aborted with the caller's, or when the pull is ended here. */
export async function watchedPull<T>(
  { clock, log }: Env,
  { image, looks, onProgress, signal }: PullWatching,
  pull: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const course = new PullCourse(clock);
  const repeater = new Repeater(clock, lookMs, async () => {
    try {
      const { progress, isTooMuch } = await looks.look();
      if (repeater.isStopped) return;
      if (course.wantsReport(progress)) onProgress(progress);
      if (isTooMuch) ended.abort('its registry sends more than it has announced');
      if (course.isStalled(progress) && !(await looks.isUnpacking())) {
        ended.abort('nothing came from its registry for 5m0s');
      }
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

/** What has been seen of a pull. */
class PullCourse {
  readonly #clock: Clock;
  #bytesDone = -1;
  #movedAtMs: number;
  #reports = 1;
  #reportAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#movedAtMs = clock.monotonicMs();
    this.#reportAtMs = this.#movedAtMs + reports.initialMs;
  }

  wantsReport(progress: PullProgress | undefined): progress is PullProgress {
    const nowMs = this.#clock.monotonicMs();
    if (!progress || nowMs < this.#reportAtMs) return false;
    this.#reportAtMs = nowMs + backOffMs(reports, ++this.#reports);
    return true;
  }

  /** Nothing was read for the whole time, and there is something left to read. */
  isStalled(progress: PullProgress | undefined): boolean {
    const nowMs = this.#clock.monotonicMs();
    const bytesDone = progress?.bytesDone ?? -1;
    const isRead = progress !== undefined && progress.layersDone === progress.layers;
    if (bytesDone !== this.#bytesDone || isRead) this.#movedAtMs = nowMs;
    this.#bytesDone = bytesDone;
    return nowMs - this.#movedAtMs >= stalledMs;
  }
}
