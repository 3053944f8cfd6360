import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { responseSink } from './response-sink.ts';

/** A response whose head has been sent, and what its client has received. */
async function open(headers: Record<string, string> = {}) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  response.writeHead(200, headers);
  response.flushHeaders();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const received: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => received.push(chunk));
  const end = async () => {
    responseSink(response).end();
    await once(answer, 'end');
    server.close();
    return Buffer.concat(received).toString();
  };
  return { response, sink: responseSink(response), end };
}

/** Counts what the socket is given to send. */
function countWrites(socket: Socket): { count: number } {
  const writes = { count: 0 };
  for (const name of ['_write', '_writev'] as const) {
    const send = socket[name]!.bind(socket) as (...args: unknown[]) => void;
    Object.assign(socket, {
      [name]: (...args: unknown[]) => {
        writes.count++;
        send(...args);
      },
    });
  }
  return writes;
}

test('a chunk – that is written – is on its way when write returns, with its length in the same write', async () => {
  const { response, sink, end } = await open();
  const writes = countWrites(response.socket!);
  sink.write(Buffer.from('first'));
  assert.equal(writes.count, 1);
  sink.write(Buffer.from('second'));
  assert.equal(await end(), 'firstsecond');
});

test('pieces – of a body of known length – arrive as they are', async () => {
  const { sink, end } = await open({ 'content-length': '6' });
  for (const piece of ['on', 'et', 'wo']) sink.write(Buffer.from(piece));
  assert.equal(await end(), 'onetwo');
});

test('a write – of more than the socket takes – asks for a pause, whose end is reported', async () => {
  const { response, sink, end } = await open();
  const large = Buffer.alloc(4 * 1024 * 1024, 'x');
  let writes = 1;
  // The client reads in a later turn only. How much the kernel holds until then is not the same each time.
  while (sink.write(large)) writes++;
  await new Promise<void>((resolve) => sink.onDrain(resolve));
  assert.equal(response.writableNeedDrain, false);
  assert.equal((await end()).length, writes * large.length);
});

test('a piece – over HTTP/2 – is handed to the stream without being held back, and arrives', async () => {
  const server = createHttp2Server();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const asked = session.request({ ':path': '/' });
  const [, response] = (await once(server, 'request')) as [unknown, Http2ServerResponse];
  response.writeHead(200);
  let held = 0;
  response.stream.cork = () => void held++;
  const sink = responseSink(response);
  assert.equal(sink.write(Buffer.from('piece')), true);
  assert.equal(held, 0);
  sink.end();
  assert.equal((await asked.toArray()).join(''), 'piece');
  session.close();
  server.close();
});
