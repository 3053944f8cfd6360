/**
 * Parses the bytes of a watch into its events: one JSON document in each line, split at bytes so that no
 * character is cut.
 */

import type { KubeObject, WatchEventObject } from '#api/meta/object.ts';
import { type Status, StatusError } from '#api/meta/status.ts';
import { bodyBytes, isStream, streamChunks } from './body.ts';
import type { ApiResponse, StreamBody } from './transport.ts';

const newline = 0x0a;

/** Starts the request when iteration starts; leaving the loop, or `signal`, ends it. */
export async function* watchEvents<T extends KubeObject>(
  start: (signal: AbortSignal) => Promise<ApiResponse>,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEventObject<T>, void, void> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  if (signal?.aborted) return;
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await start(stop.signal);
    for await (const line of lines(await streamOf(response))) {
      const event = JSON.parse(line.toString('utf8')) as WatchEventObject<T>;
      if (event.type === 'ERROR') throw new StatusError(event.object as unknown as Status);
      yield event;
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.abort();
  }
}

async function streamOf(response: ApiResponse): Promise<StreamBody> {
  if (isStream(response.body)) return response.body;
  const bytes = await bodyBytes(response);
  return {
    start(sink) {
      sink.write(bytes);
      sink.end();
    },
  };
}

/** Lines without their newline; an incomplete last line, of a broken connection, is dropped. */
export async function* lines(body: StreamBody): AsyncGenerator<Buffer, void, void> {
  let pending: Buffer[] = [];
  for await (const bytes of streamChunks(body)) {
    let chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline)) {
      const head = chunk.subarray(0, end);
      const line = pending.length === 0 ? head : Buffer.concat([...pending, head]);
      pending = [];
      chunk = chunk.subarray(end + 1);
      if (line.byteLength > 0) yield line;
    }
    if (chunk.byteLength > 0) pending.push(chunk);
  }
}
