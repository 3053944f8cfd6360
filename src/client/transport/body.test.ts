import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyBytes } from './body.ts';
import type { ApiResponse, ByteSink } from './transport.ts';

/** Sends for as long as it is read. */
function endless(): ApiResponse & { readonly sent: () => number } {
  let sent = 0;
  const start = (sink: ByteSink) => {
    const more = () => {
      let takes = true;
      while (takes) {
        takes = sink.write(new Uint8Array(1000));
        sent += 1000;
      }
    };
    sink.onDrain(more);
    more();
  };
  return { status: 200, headers: {}, body: { start }, sent: () => sent };
}

test('a streamed body without end – read within a bound – is an error, and is read no further', async () => {
  const response = endless();
  const read = bodyBytes(response, { bytesMax: 5_000_000 });
  await assert.rejects(read, { message: 'the response has more than 5000000 bytes' });
  const sent = response.sent();
  assert.ok(sent < 8_000_000, String(sent));
  await new Promise(setImmediate);
  assert.equal(response.sent(), sent);
});

test('a streamed body that stops in the middle – aborted – ends with the reason', async () => {
  const abort = new AbortController();
  let isClosed = false;
  const start = (sink: ByteSink) => {
    sink.onClose(() => {
      isClosed = true;
    });
    sink.write(Buffer.from('{"items":['));
  };
  const read = bodyBytes({ status: 200, headers: {}, body: { start } }, { signal: abort.signal });
  abort.abort(new Error('late'));
  await assert.rejects(read, { message: 'late' });
  assert.ok(isClosed);
});

test('a streamed body – within its bounds – is read whole', async () => {
  const start = (sink: ByteSink) => {
    sink.write(Buffer.from('ab'));
    sink.write(Buffer.from('c'));
    sink.end();
  };
  const bytes = await bodyBytes({ status: 200, headers: {}, body: { start } }, { bytesMax: 3 });
  assert.equal(bytes.toString(), 'abc');
});
