/** The encodings of lists that are being sent: equal requests at the same time read from one. */

import type { ItemsForm } from './form.ts';
import { GzipSegments } from './gzip-segments.ts';
import { KeptBytes } from './kept-bytes.ts';
import { SegmentMemory } from './segment-memory.ts';
import { SharedEncoding, type Source } from './shared-encoding.ts';

/** One reader of an encoding; to be closed when it has read enough. */
export interface Reading {
  readonly encoding: SharedEncoding;
  /** The same, compressed. */
  readonly gzipped: GzipSegments;
  close(): void;
}

interface Open {
  readonly encoding: SharedEncoding;
  readonly gzipped: GzipSegments;
  readers: number;
}

export class SharedEncodings {
  readonly kept: KeptBytes;
  readonly #memory = new SegmentMemory();
  readonly #open = new Map<string, Open>();

  constructor(kept = new KeptBytes()) {
    this.kept = kept;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Equal keys of equal forms read the same objects. */
  read(form: ItemsForm, key: string, source: Source): Reading {
    const id = JSON.stringify([form.key, key]);
    const open = this.#open.get(id) ?? this.#make(form, source);
    this.#open.set(id, open);
    if (++open.readers > 1) open.encoding.share();
    let isClosed = false;
    return {
      encoding: open.encoding,
      gzipped: open.gzipped,
      close: () => {
        if (isClosed) return;
        isClosed = true;
        if (--open.readers === 0) this.#close(id, open);
      },
    };
  }

  #make(form: ItemsForm, source: Source): Open {
    const encoding = new SharedEncoding(form, source, this.kept, this.#memory);
    return { encoding, gzipped: new GzipSegments(encoding, this.kept), readers: 0 };
  }

  #close(id: string, { encoding, gzipped }: Open): void {
    this.#open.delete(id);
    encoding.close();
    gzipped.close();
  }
}
