/**
 * Lets the runtime start and end no more containers at the same time than keep the processors busy: each such call
 * starts programs, and those of a hundred pods would leave the rest of the machine waiting and be ready no sooner.
 */

import type { Clock } from '#base/clock.ts';

const callsPerProcessor = 2;

/**
 * The calls that start programs, in the order in which waiting ones begin: those first that bring a pod nearest to being
 * ready or gone. The number is for how long a call counts at most: a longer one waits for something else than a processor.
 */
const countedMs: Readonly<Record<string, number>> = {
  StartContainer: 5000,
  CreateContainer: 5000,
  // Then the container may take its time to end.
  StopContainer: 200,
  StopPodSandbox: 5000,
  RunPodSandbox: 5000,
  RemoveContainer: 5000,
  RemovePodSandbox: 5000,
};

type Begin = () => void;

export class CallPace {
  readonly #clock: Clock;
  readonly #countedMax: number;
  #counted = 0;
  readonly #waiting = new Map(Object.keys(countedMs).map((method) => [method, new Set<Begin>()]));

  constructor(clock: Clock, processors: number) {
    this.#clock = clock;
    this.#countedMax = processors * callsPerProcessor;
  }

  /** Rejects with the signal's reason when it aborts before the call's turn. */
  async run<T>(method: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const waiting = this.#waiting.get(method);
    if (!waiting) return call();
    if (this.#counted < this.#countedMax) this.#counted++;
    else await turn(waiting, signal);
    let isCounted = true;
    const uncount = () => {
      if (isCounted) this.#passOn();
      isCounted = false;
    };
    const timer = this.#clock.after(countedMs[method]!, uncount);
    try {
      return await call();
    } finally {
      timer.cancel();
      uncount();
    }
  }

  /** The next call is counted instead of the one that ended. */
  #passOn(): void {
    for (const waiting of this.#waiting.values()) {
      for (const begin of waiting) return void begin();
    }
    this.#counted--;
  }
}

/** Resolves when the call is begun, which is in `waiting` until then. */
function turn(waiting: Set<Begin>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      waiting.delete(begin);
      reject(signal!.reason);
    };
    const begin = () => {
      waiting.delete(begin);
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    waiting.add(begin);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
