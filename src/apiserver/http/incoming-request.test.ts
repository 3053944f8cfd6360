import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect as connectH2, createServer as createH2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { IncomingRequest } from './incoming-request.ts';

const lines = ['a, b', 'c'];

test('a header – that comes twice over HTTP/1.1 – keeps its lines apart', async (t) => {
  const found: unknown[] = [];
  const server = createServer((message, response) => {
    const incoming = new IncomingRequest(message);
    found.push(incoming.linesOf('impersonate-group'), incoming.linesOf('impersonate-uid'));
    response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, host: '127.0.0.1', headers: { 'Impersonate-Group': lines } }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  assert.deepEqual(found, [lines, []]);
});

test('a header – that comes twice over HTTP/2 – keeps its lines apart', async (t) => {
  const found: unknown[] = [];
  const server = createH2((message, response) => {
    found.push(new IncomingRequest(message).linesOf('impersonate-group'));
    response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const session = connectH2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => session.close());
  const stream = session.request({ ':path': '/', 'impersonate-group': lines });
  stream.resume();
  await once(stream, 'end');
  assert.deepEqual(found, [lines]);
});

test('a request over HTTP/2 – without the header Host – has the authority there', async (t) => {
  const hosts: unknown[] = [];
  const server = createH2((message, response) => {
    hosts.push(new IncomingRequest(message).headers['host']);
    response.end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = connectH2(`http://${authority}`);
  t.after(() => session.close());
  const stream = session.request({ ':path': '/' });
  stream.resume();
  await once(stream, 'end');
  assert.deepEqual(hosts, [authority]);
});
