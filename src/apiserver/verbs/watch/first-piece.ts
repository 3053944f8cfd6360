/** A stream whose first piece is changed on its way: what only the first event of a watch has. */

import type { ByteSink, StreamBody } from '#client/transport/transport.ts';

type Change = (bytes: Uint8Array) => Uint8Array;

export function withFirstPiece(body: StreamBody, change: Change | undefined): StreamBody {
  if (!change) return body;
  return {
    start: (sink) => body.start(changingFirst(sink, change)),
    cancel: () => body.cancel?.(),
  };
}

function changingFirst(sink: ByteSink, change: Change): ByteSink {
  let isFirst = true;
  return {
    write(chunk, sent) {
      const piece = isFirst ? change(chunk) : chunk;
      isFirst = false;
      return sink.write(piece, sent);
    },
    end: () => sink.end(),
    fail: (error) => sink.fail(error),
    onDrain: (callback) => sink.onDrain(callback),
    onClose: (callback) => sink.onClose(callback),
  };
}
