import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { askDns, listenDns } from './dns-sockets.ts';

const query = Buffer.from('a query with its number first');

test('the same bytes come back over UDP and TCP, and a caller who stays does not keep the listener', async () => {
  const listener = await listenDns('127.0.0.1', 0, async (asked, transport) =>
    Buffer.concat([asked, Buffer.from(transport)]),
  );
  for (const transport of ['udp', 'tcp'] as const)
    assert.equal(
      String(await askDns('127.0.0.1', query, 10_000, listener.port, transport)),
      `${query}${transport}`,
    );
  const caller = connect(listener.port, '127.0.0.1');
  const gone = once(caller, 'close');
  caller.on('error', () => undefined);
  await once(caller, 'connect');
  // The listener knows of the caller once it has answered it.
  caller.write(Buffer.concat([Buffer.from([0, query.length]), query]));
  await once(caller, 'data');
  await listener.close();
  await gone;
});

test('two questions in pieces on one connection are answered each', async (t) => {
  const listener = await listenDns('127.0.0.1', 0, async (asked) => asked);
  t.after(() => listener.close());
  const framed = Buffer.concat([Buffer.from([0, query.length]), query]);
  const both = Buffer.concat([framed, framed]);
  const caller = connect(listener.port, '127.0.0.1');
  caller.setNoDelay(true);
  let received = Buffer.alloc(0);
  for (const piece of [both.subarray(0, 1), both.subarray(1, 40), both.subarray(40)])
    await new Promise((resolve) => caller.write(piece, resolve));
  while (received.length < both.length) received = Buffer.concat([received, (await once(caller, 'data'))[0]]);
  assert.deepEqual(received, both);
  caller.destroy();
});
