/**
 * Ends HTTP/2 sessions on which nothing comes and goes, unless a watch or another long answer is open on
 * them.
 */

import type { Http2Session, ServerHttp2Stream } from 'node:http2';

/** Plain requests are over long before a session counts as idle: they cost nothing here. */
const longAnswers = new WeakMap<Http2Session, number>();

export function noteLongAnswer(stream: ServerHttp2Stream): void {
  const { session } = stream;
  if (!session) return;
  longAnswers.set(session, (longAnswers.get(session) ?? 0) + 1);
  stream.once('close', () => longAnswers.set(session, longAnswers.get(session)! - 1));
}

export function endWhenIdle(session: Http2Session, idleMs: number): void {
  session.setTimeout(idleMs, () => {
    if (longAnswers.get(session)) session.setTimeout(idleMs);
    else session.close();
  });
}
