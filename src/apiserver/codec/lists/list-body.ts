/**
 * The answer to a list that is sent in segments: as fast as its receiver takes them, and never more than one
 * ahead.
 */

import type { ListMeta } from '#api/meta/object.ts';
import type { Clock, Timer } from '#base/clock.ts';
import type { ByteSink, StreamBody } from '#client/transport/transport.ts';
import type { ListForm } from '../../list-encodings/form.ts';
import type { Packing } from '../../list-encodings/packing.ts';
import type { SharedEncoding } from '../../list-encodings/shared-encoding.ts';
import type { StepQueue } from '../../list-encodings/step-queue.ts';

export interface ListBodyOptions {
  readonly form: ListForm;
  readonly encoding: SharedEncoding;
  readonly packing: Packing;
  readonly metadata: ListMeta;
  readonly steps: StepQueue;
  readonly clock: Clock;
  /** The request's deadline on that clock: who reads slower is cut off. */
  readonly endsMs: number;
  /** Called once: all is sent, the receiver is gone, or it is not sent at all. */
  over(): void;
  failed(error: Error): void;
}

export class ListBody implements StreamBody {
  readonly isPrompt = true;
  readonly #options: ListBodyOptions;
  #sink: ByteSink | undefined;
  #next = 0;
  #hasHead = false;
  #isWaiting = false;
  #isOver = false;
  #deadline: Timer | undefined;

  constructor(options: ListBodyOptions) {
    this.#options = options;
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    const { clock, endsMs } = this.#options;
    this.#deadline = clock.after(endsMs - clock.monotonicMs(), () => this.#timeIsUp());
    sink.onClose(() => this.#finish());
    sink.onDrain(() => {
      if (!this.#isWaiting) return;
      this.#isWaiting = false;
      this.#again();
    });
    this.#again();
  }

  cancel(): void {
    this.#finish();
  }

  #again(): void {
    this.#options.steps.run(() => this.#step());
  }

  #step(): void {
    if (this.#isOver) return;
    try {
      this.#send();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** One piece, or one step of encoding towards it. */
  #send(): void {
    const { form, encoding, packing, metadata } = this.#options;
    if (!this.#hasHead && this.#isReady()) {
      this.#hasHead = true;
      this.#write(packing.open(form.head(metadata, this.#wholeBytes())));
    } else if (!this.#hasHead && form.measure) {
      encoding.measure(form.measure);
      this.#again();
    } else if (this.#hasHead && this.#next < encoding.count) {
      this.#sendSegment(this.#next++);
    } else if (!encoding.isComplete) {
      encoding.step();
      this.#again();
    } else {
      this.#sendEnd(packing.close(form.tail(metadata, encoding.itemsBytes)));
    }
  }

  /** For its head. */
  #isReady(): boolean {
    const { form, encoding } = this.#options;
    return form.hasKnownLength ? encoding.hasLength : encoding.isComplete || encoding.count > 0;
  }

  #wholeBytes(): number {
    const { form, encoding } = this.#options;
    return form.hasKnownLength ? encoding.wholeBytes : encoding.itemsBytes;
  }

  #sendSegment(at: number): void {
    const { packing } = this.#options;
    const made = packing.segment(at);
    if (made instanceof Uint8Array) {
      this.#write(made, () => packing.sent(at));
      return;
    }
    made.then(
      (bytes) => this.#options.steps.run(() => this.#isOver || this.#write(bytes)),
      (error: Error) => this.#fail(error),
    );
  }

  #sendEnd(last: Uint8Array): void {
    if (last.length > 0) this.#sink!.write(last);
    this.#finish();
    this.#sink!.end();
  }

  #write(bytes: Uint8Array, sent?: () => void): void {
    if (this.#sink!.write(bytes, sent)) this.#again();
    else this.#isWaiting = true;
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#options.failed(error);
    this.#finish();
    this.#sink?.fail(error);
  }

  #timeIsUp(): void {
    this.#finish();
    this.#sink?.fail(new Error('a list was not read within the time of its request'));
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline?.cancel();
    this.#options.over();
  }
}
