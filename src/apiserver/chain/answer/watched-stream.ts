/** A body that is a stream, whose begin and end another part wants to know of. */

import type { StreamBody } from '#client/transport/transport.ts';

export interface StreamWatcher {
  /** A chunk is sent; it must not be kept, as its bytes may be used again. */
  sent?(chunk: Uint8Array): void;
  /** Called once: the stream has ended, failed, or its receiver is gone. */
  over(): void;
}

/** `begin` is called when the stream starts. */
export function watchedStream(body: StreamBody, begin: () => StreamWatcher): StreamBody {
  return {
    start(sink) {
      const { sent, over: end } = begin();
      let isOver = false;
      const over = () => {
        if (isOver) return;
        isOver = true;
        end();
      };
      sink.onClose(over);
      const write = (chunk: Uint8Array, written?: () => void) => {
        sent?.(chunk);
        return sink.write(chunk, written);
      };
      const { onDrain, onClose } = sink;
      body.start({
        write: sent ? write : sink.write,
        onDrain,
        onClose,
        end() {
          over();
          sink.end();
        },
        fail(error) {
          over();
          sink.fail(error);
        },
      });
    },
    cancel: () => body.cancel?.(),
    isPrompt: body.isPrompt === true,
  };
}
