import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import dnsPacket from 'dns-packet';
import { type DnsHandler, listenDns } from '#host/network/dns-sockets.ts';
import { createForwarder, TooManyQuestions } from './forwarder.ts';
import { createResponder } from './responder.ts';

const question = (id: number, name = 'example.org') =>
  dnsPacket.encode({ type: 'query', id, questions: [{ type: 'A', name }] });

/** Answers with the id of the query, and its transport as address. */
const upstream: DnsHandler = async (query, transport) => {
  const { id = 0, questions = [] } = dnsPacket.decode(query);
  const data = transport === 'tcp' ? '1.1.1.6' : '1.1.1.17';
  return dnsPacket.encode({
    type: 'response',
    id,
    questions,
    answers: [{ type: 'A', name: questions[0]!.name, data }],
  });
};

async function listen(t: TestContext, handler: DnsHandler): Promise<number> {
  const listener = await listenDns('127.0.0.1', 0, handler);
  t.after(() => listener.close());
  return listener.port;
}

async function addressOf(answer: Promise<Buffer>): Promise<[number | undefined, unknown]> {
  const { id, answers = [] } = dnsPacket.decode(await answer);
  return [id, answers[0] && 'data' in answers[0] ? answers[0].data : undefined];
}

test('forwarder – a query over UDP or TCP – is forwarded over the same transport', async (t) => {
  const port = await listen(t, upstream);
  const forward = createForwarder({ upstreams: ['127.0.0.1'], own: [], port });
  assert.deepEqual(await addressOf(forward(question(7), 'udp')), [7, '1.1.1.17']);
  assert.deepEqual(await addressOf(forward(question(8), 'tcp')), [8, '1.1.1.6']);
});

test('forwarder – equal queries in flight – are sent once, each answered with its own id', async (t) => {
  let asked = 0;
  const port = await listen(t, (query, transport) => {
    asked++;
    return upstream(query, transport);
  });
  const forward = createForwarder({ upstreams: ['127.0.0.1'], own: [], port });
  const answers = await Promise.all([1, 2, 3].map((id) => addressOf(forward(question(id), 'udp'))));
  assert.deepEqual(
    answers.map(([id]) => id),
    [1, 2, 3],
  );
  assert.equal(asked, 1);
});

test('forwarder – a server does not answer – the next is asked; after the last an error', async (t) => {
  const port = await listen(t, upstream);
  const forward = createForwarder({ upstreams: ['127.0.0.2', '127.0.0.1'], own: [], port });
  assert.deepEqual(await addressOf(forward(question(7), 'tcp')), [7, '1.1.1.6']);
  const alone = createForwarder({ upstreams: ['127.0.0.1'], own: ['127.0.0.1'], port });
  await assert.rejects(alone(question(7), 'udp'), /no name server answered/);
});

test('forwarder – a server that queries us back – gets no second query', async (t) => {
  let asked = 0;
  const port = await listen(t, (query, transport) => {
    asked++;
    return forward(query, transport).catch(() => undefined);
  });
  const forward = createForwarder({ upstreams: ['127.0.0.1'], own: [], port });
  await assert.rejects(forward(question(7), 'udp'), /no name server answered/);
  assert.equal(asked, 1);
});

test('forwarder – a thousand queries in flight – further ones are refused until one ends', async (t) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const port = await listen(t, (query, transport) => released.then(() => upstream(query, transport)));
  const forward = createForwarder({ upstreams: ['127.0.0.1'], own: [], port });
  const many = Array.from({ length: 1000 }, (_, i) => forward(question(i, `n${i}.example.org`), 'udp'));
  const all = Promise.allSettled(many);
  await assert.rejects(forward(question(1, 'one-more.example.org'), 'udp'), TooManyQuestions);
  const view = { service: noObject, slices: () => [], namespaceExists: () => false, serviceByIp: noObject };
  const responder = createResponder({
    view: { ...view, slicesByIp: () => [] },
    zone: 'cluster.local',
    forward,
  });
  const refused = dnsPacket.decode((await responder(question(2, 'and-more.example.org'), 'udp'))!);
  assert.equal((refused.flags ?? 0) & 0xf, 5);
  const same = forward(question(3, 'n1.example.org'), 'udp');
  release();
  assert.deepEqual(await addressOf(same), [3, '1.1.1.17']);
  await all;
  assert.deepEqual(await addressOf(forward(question(4, 'later.example.org'), 'udp')), [4, '1.1.1.17']);
});

const noObject = () => undefined;
