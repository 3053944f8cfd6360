import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemEnv } from '#host/system-env.ts';
import { StoreFullError } from '#store/errors.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store, Txn } from '#store/store.ts';
import { storeMethods } from '#testing/store/store-methods.ts';
import { nodePortBounds } from './node-ports.ts';
import { RangeRecord } from './range-record.ts';

const key = '/registry/ranges/servicenodeports';

/** Two API servers' views of one record. */
async function twoRecords() {
  const env = systemEnv(silentLog);
  const store = openMemoryStore(env);
  const options = {
    store,
    key,
    resource: 'servicenodeportallocations',
    bounds: nodePortBounds(),
    random: env.random,
  };
  const on = (given: Store) => new RangeRecord({ ...options, store: given });
  const [a, b] = [on(store), on(store)];
  await a.replace(new Set(), await a.read());
  return { store, on, a, b };
}

test('five hundred numbers – taken through two records at once – are all different', async () => {
  const { a, b, store } = await twoRecords();
  const takes = Array.from({ length: 500 }, (_, i) => (i % 2 ? a : b).edit((numbers) => numbers.takeNext()));
  const taken = await Promise.all(takes);
  assert.equal(new Set(taken).size, 500);
  assert.deepEqual((await b.read()).taken, new Set(taken));
  await store.close();
});

test('an edit – that throws – leaves no trace, and the others of its write are stored', async () => {
  const { a, b, store } = await twoRecords();
  const refused = a.edit((numbers) => {
    numbers.take(30001);
    throw new Error('refused');
  });
  const taken = a.edit((numbers) => numbers.take(30002));
  await assert.rejects(refused, /refused/);
  assert.equal(await taken, true);
  assert.deepEqual([...(await b.read()).taken], [30002]);
  await store.close();
});

test('a number – that the other server took a moment ago – is not given again', async () => {
  const { a, b, store } = await twoRecords();
  await b.edit((numbers) => numbers.take(31000));
  assert.equal(await a.edit((numbers) => numbers.take(31000)), false);
  await b.edit((numbers) => numbers.release(31000));
  assert.equal(await a.edit((numbers) => numbers.take(31000)), true);
  await store.close();
});

test('the record – of numbers that were taken – is written as upstream writes it', async () => {
  const { a, store } = await twoRecords();
  await a.edit((numbers) => [30000, 30009].map((number) => numbers.take(number)));
  const stored = JSON.parse(Buffer.from((await store.get(key))!.value).toString());
  assert.deepEqual(stored, {
    kind: 'RangeAllocation',
    apiVersion: 'v1',
    metadata: {},
    range: '30000-32767',
    data: Buffer.from([0b10, 0b1]).toString('base64'),
  });
  await store.close();
});

test('a number – while there is no record – is not given out', async () => {
  const env = systemEnv(silentLog);
  const store = openMemoryStore(env);
  const record = new RangeRecord({
    store,
    key,
    resource: 'ports',
    bounds: nodePortBounds(),
    random: env.random,
  });
  await assert.rejects(
    record.edit((numbers) => numbers.takeNext()),
    /^StatusError: Internal error occurred: cannot allocate resources of type ports at this time$/,
  );
  await store.close();
});

test('a store – that is full – is answered with 507, and takes numbers again when it has room', async () => {
  const { store, on } = await twoRecords();
  let isFull = true;
  const commit = (txn: Txn) => (isFull ? Promise.reject(new StoreFullError('full')) : store.commit(txn));
  const record = on({ ...storeMethods(store), commit });
  const take = () => record.edit((numbers) => numbers.take(31000));
  await assert.rejects(take(), { code: 507 });
  isFull = false;
  assert.equal(await take(), true);
  await store.close();
});
