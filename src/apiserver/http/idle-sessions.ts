/** HTTP/2 sessions without a request are not kept for ever. */

import type { ServerHttp2Session } from 'node:http2';

/** Ends a session on which nothing came and went for that long and no stream is open. */
export function endWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(idleMs, () => {
    if (streams === 0) session.close();
    else session.setTimeout(idleMs);
  });
}
