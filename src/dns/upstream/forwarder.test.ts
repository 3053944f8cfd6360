import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import dnsPacket from 'dns-packet';
import { type DnsHandler, listenDns } from '#host/network/dns-sockets.ts';
import { systemEnv } from '#host/system-env.ts';
import { inWords, query, testZone } from '#testing/dns/ask.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { isQuery, type Query, readQuery } from '../message/query.ts';
import { Responder } from '../responder.ts';
import { AnswerCache } from './answer-cache.ts';
import { Forwarder, type ForwarderOptions, TooManyQueries } from './forwarder.ts';
import { LoopCheck } from './loop-check.ts';
import { type Route, Routes } from './routes.ts';

const env = systemEnv();
const events = { asked: () => undefined, refused: () => undefined };
const options = { policy: 'sequential', queriesMax: 1000, forceTcp: false } as const;

function queryFor(name = 'example.org'): Query {
  const read = readQuery(query(name, 'A'));
  assert.ok(isQuery(read));
  return read;
}

/** Answers with the transport as address. */
const upstream: DnsHandler = (bytes, transport) => {
  const { id = 0, questions = [] } = dnsPacket.decode(bytes);
  const data = transport === 'tcp' ? '192.0.2.6' : '192.0.2.17';
  const name = questions[0]!.name;
  const answers: dnsPacket.Answer[] =
    name === 'alias.example.org'
      ? [
          { type: 'CNAME', name, ttl: 60, data: 'example.org' },
          { type: 'A', name: 'example.org', ttl: 60, data },
        ]
      : [{ type: 'A', name, ttl: 60, data }];
  return dnsPacket.encode({ type: 'response', id, questions, answers });
};

async function listen(t: TestContext, handler: DnsHandler, host = '127.0.0.1'): Promise<number> {
  const listener = await listenDns(host, 0, handler);
  t.after(() => listener.close());
  return listener.port;
}

function forwarderTo(port: number, more: Partial<ForwarderOptions> = {}, hosts = ['127.0.0.1']): Forwarder {
  return new Forwarder(env, { ...options, servers: hosts.map((host) => ({ host, port })), ...more }, events);
}

const routeTo = (forwarder: Forwarder, more: Partial<Route> = {}): Route => ({
  zone: '.',
  forwarder,
  cache: undefined,
  except: [],
  ...more,
});

const addressIn = (bytes: Buffer) => bytes.subarray(-4).join('.');

test('forwarder – a query over UDP or TCP – is forwarded over the same transport, by force over TCP', async (t) => {
  const port = await listen(t, upstream);
  assert.equal(addressIn((await forwarderTo(port).forward(queryFor(), 'udp')).bytes), '192.0.2.17');
  assert.equal(addressIn((await forwarderTo(port).forward(queryFor(), 'tcp')).bytes), '192.0.2.6');
  const forced = forwarderTo(port, { forceTcp: true });
  assert.equal(addressIn((await forced.forward(queryFor(), 'udp')).bytes), '192.0.2.6');
});

test('forwarder – equal queries in flight – are sent once, with an id of its own', async (t) => {
  const ids: number[] = [];
  const port = await listen(t, (bytes, transport) => {
    ids.push(bytes.readUInt16BE(0));
    return upstream(bytes, transport);
  });
  const fixed = { ...env, random: { ...env.random, float: () => 0.5 } };
  const forwarder = new Forwarder(fixed, { ...options, servers: [{ host: '127.0.0.1', port }] }, events);
  await Promise.all([1, 2, 3].map(() => forwarder.forward(queryFor(), 'udp')));
  assert.deepEqual(ids, [32_768]);
});

test('forwarder – a server does not answer, or something else – the next is asked, and the first one last', async (t) => {
  const port = await listen(t, upstream);
  const asked: (string | number | undefined)[] = [];
  const counting = {
    ...events,
    asked: (server: string, code: number | undefined) => void asked.push(server, code),
  };
  const servers = ['127.0.0.2', '127.0.0.1'].map((host) => ({ host, port }));
  const forwarder = new Forwarder(env, { ...options, servers }, counting);
  assert.equal(addressIn((await forwarder.forward(queryFor(), 'tcp')).bytes), '192.0.2.6');
  assert.equal(addressIn((await forwarder.forward(queryFor(), 'tcp')).bytes), '192.0.2.6');
  const [bad, good] = [`127.0.0.2:${port}`, `127.0.0.1:${port}`];
  assert.deepEqual(asked, [bad, undefined, good, 0, good, 0]);
  const wrong = await listen(t, (bytes, transport) => {
    const other = query('example.net', 'A', { id: bytes.readUInt16BE(0) });
    return upstream(other, transport);
  });
  await assert.rejects(forwarderTo(wrong).forward(queryFor(), 'udp'), /no name server answered/);
});

test('forwarder – the limit of queries in flight – further ones are refused until one ends', async (t) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const port = await listen(t, (bytes, transport) => released.then(() => upstream(bytes, transport)));
  const forwarder = forwarderTo(port, { queriesMax: 3 });
  const many = [1, 2, 3].map((i) => forwarder.forward(queryFor(`n${i}.example.org`), 'udp'));
  await assert.rejects(forwarder.forward(queryFor('n4.example.org'), 'udp'), TooManyQueries);
  const { responder } = testZone({ routes: new Routes([routeTo(forwarder)]) });
  assert.equal(inWords((await responder.respond(query('n5.example.org', 'A'), 'udp'))!).code, 'REFUSED');
  const same = forwarder.forward(queryFor('n1.example.org'), 'udp');
  release();
  await Promise.all([...many, same]);
  await forwarder.forward(queryFor('n4.example.org'), 'udp');
});

test('a server that leads back to us – is found by a check and not asked again', async (t) => {
  const loops = new LoopCheck(env);
  let asked = 0;
  const port = await listen(t, (bytes, transport) => {
    asked++;
    return responder.respond(bytes, transport);
  });
  const forwarder = forwarderTo(port);
  const { names } = testZone();
  const silent = { answered: () => undefined, cached: () => undefined };
  const routes = new Routes([routeTo(forwarder)]);
  const responder = new Responder(
    { clock: env.clock, events: silent, isOwnProbe: loops.isOwnProbe },
    { names, routes },
  );
  await loops.check([forwarder]);
  assert.equal(asked, 1);
  assert.equal(inWords((await responder.respond(query('example.org', 'A'), 'udp'))!).code, 'SERVFAIL');
  assert.equal(asked, 1);
});

test('routes – of zones within zones – the most specific one is responsible, exceptions have none', () => {
  const all = routeTo(forwarderTo(1), { except: ['intern.example.org'] });
  const zone = routeTo(forwarderTo(2), { zone: 'acme.local' });
  const routes = new Routes([all, zone]);
  assert.equal(routes.of(['x', 'acme', 'local']), zone);
  assert.equal(routes.of(['acme', 'local']), zone);
  assert.equal(routes.of(['xacme', 'local']), all);
  assert.equal(routes.of([]), all);
  assert.equal(routes.of(['a', 'intern', 'example', 'org']), undefined);
  assert.equal(new Routes([zone]).of(['example', 'org']), undefined);
});

test('a forwarded answer – is kept for its TTL within 5 and 30 seconds, then asked for again', async (t) => {
  let asked = 0;
  const port = await listen(t, (bytes, transport) => {
    asked++;
    return upstream(bytes, transport);
  });
  const clock = new VirtualClock();
  const cache = new AnswerCache(clock, { successTtl: 30, denialTtl: 30 });
  const forwarder = forwarderTo(port);
  const { responder } = testZone({ clock, routes: new Routes([routeTo(forwarder, { cache })]) });
  const ask = async () => inWords((await responder.respond(query('Example.org', 'A'), 'udp'))!).answers;
  assert.deepEqual(await ask(), ['Example.org 30 A 192.0.2.17']);
  await clock.advance(12_000);
  assert.deepEqual(await ask(), ['Example.org 18 A 192.0.2.17']);
  await clock.advance(18_000);
  assert.deepEqual(await ask(), ['Example.org 30 A 192.0.2.17']);
  assert.equal(asked, 2);
});

test('a service with an external name – of a name outside – has the records of its target', async (t) => {
  const port = await listen(t, upstream);
  const cache = new AnswerCache(env.clock, { successTtl: 30, denialTtl: 30 });
  const { responder } = testZone({ routes: new Routes([routeTo(forwarderTo(port), { cache })]) });
  const ask = async () =>
    inWords((await responder.respond(query('out.default.svc.cluster.local', 'A'), 'udp'))!);
  const name = 'out.default.svc.cluster.local';
  const answers = [`${name} 30 CNAME target.example.org`, 'target.example.org 30 A 192.0.2.17'];
  assert.deepEqual((await ask()).answers, [answers[0], 'target.example.org 30 A 192.0.2.17']);
  assert.deepEqual((await ask()).answers, answers);
});

test('a service with an external name – without a server for it – exists without a record', async () => {
  const { responder } = testZone({ routes: new Routes([]) });
  const { code, answers } = inWords(
    (await responder.respond(query('out.default.svc.cluster.local', 'A'), 'udp'))!,
  );
  assert.deepEqual([code, answers], ['NOERROR', []]);
});
