/** How far the pull of an image is: its sums over the layers, and how they are printed. */

export interface PullProgress {
  readonly layersDone: number;
  readonly layers: number;
  readonly bytesDone: number;
  readonly bytes: number;
}

/** What containerd does for a pull at one moment. */
export interface PullLook {
  /** Undefined until a layer is being read. */
  readonly progress: PullProgress | undefined;
  /** The registry has sent more of a blob than it has announced; containerd would read on, whatever the disk has room for. */
  readonly isTooMuch: boolean;
}

/** What a manifest says of a layer. */
export interface LayerSize {
  readonly digest: string;
  readonly size: number;
}

/** `stored`: digests of whole layers; `written`: bytes of those that are being written. */
export function progressOf(
  layers: readonly LayerSize[],
  stored: ReadonlySet<string>,
  written: ReadonlyMap<string, number>,
): PullProgress {
  const done = layers.map(({ digest, size }) =>
    stored.has(digest) ? size : Math.min(written.get(digest) ?? 0, size),
  );
  return {
    layersDone: layers.filter(({ digest }) => stored.has(digest)).length,
    layers: layers.length,
    bytesDone: done.reduce((sum, bytes) => sum + bytes, 0),
    bytes: layers.reduce((sum, { size }) => sum + size, 0),
  };
}

/** As containerd waits since version 1.7. */
const stalledMs = 5 * 60_000;

/** Notices a pull that is to be ended, by what has been seen of it. */
export class PullCourse {
  #bytesDone = -1;
  #movedAtMs: number;

  /** Times are monotonic. */
  constructor(nowMs: number) {
    this.#movedAtMs = nowMs;
  }

  /** Why it is to be ended. Layers that are unpacked are not seen: `isUnpacking` is asked before a pull counts as stalled. */
  async problem(
    { progress, isTooMuch }: PullLook,
    nowMs: number,
    isUnpacking: () => Promise<boolean>,
  ): Promise<string | undefined> {
    if (isTooMuch) return 'its registry sends more than it has announced';
    const bytesDone = progress?.bytesDone ?? -1;
    const isRead = progress !== undefined && progress.layersDone === progress.layers;
    if (bytesDone !== this.#bytesDone || isRead) this.#movedAtMs = nowMs;
    this.#bytesDone = bytesDone;
    if (nowMs - this.#movedAtMs < stalledMs || (await isUnpacking())) return undefined;
    return 'nothing came from its registry for 5m0s';
  }
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `2 of 5 layers, 12.3 MB of 480 MB`. */
export function progressText({ layersDone, layers, bytesDone, bytes }: PullProgress): string {
  return `${layersDone} of ${layers} layers, ${bytesText(bytesDone)} of ${bytesText(bytes)}`;
}

function bytesText(bytes: number): string {
  const unit = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** unit).toPrecision(3))} ${units[unit]}`;
}
