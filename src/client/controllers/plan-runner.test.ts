import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, events, namespaces } from '#api/generated/kinds.gen.ts';
import { failure, isNamespaceTerminating } from '#api/meta/status.ts';
import { allowUpTo } from '#testing/allowance.ts';
import { openInProcess } from '#testing/api-server.ts';
import { createEventRecorder } from '../events/recorder.ts';
import { WritePace } from '../queue/write-pace.ts';
import type { Action, CreateAction, DeleteAction } from './controller.ts';
import { Expectations } from './expectations.ts';
import { carryOut } from './plan-runner.ts';

const namespace = 'default';

async function withServer(
  body: (tools: Awaited<ReturnType<typeof openTools>>) => Promise<void>,
): Promise<void> {
  const tools = await openTools();
  try {
    await body(tools);
  } finally {
    await tools.close();
  }
}

async function openTools() {
  const { env, client, close } = await openInProcess();
  await client.create(namespaces, { metadata: { name: namespace } });
  const recorder = createEventRecorder({ env, client, component: 'test' });
  const names = async () =>
    (await client.list(configMaps, { namespace })).items.map(({ metadata }) => metadata.name);
  const pace = new WritePace(env.clock);
  return { env, client, recorder, pace, close, names };
}

const create = (name: string): CreateAction => ({
  do: 'create',
  type: configMaps,
  object: { metadata: { name, namespace } },
});

test('a failed step ends the plan', () =>
  withServer(async ({ client, recorder, pace, names }) => {
    const plan = carryOut([create('a'), create('a'), create('b')], { client, recorder, pace });
    await assert.rejects(plan, { reason: 'AlreadyExists' });
    assert.deepEqual(await names(), ['a']);
  }));

test('a slow start stops at the first batch with a failure and lowers what it had expected', () =>
  withServer(async ({ env, client, recorder, pace, names }) => {
    const taken = await client.create(configMaps, { metadata: { name: 'c', namespace } });
    const book = new Expectations(env.clock);
    const plan: Action = {
      do: 'together',
      slowStart: true,
      actions: ['a', 'b', 'c', 'd', 'e'].map(create),
      expectations: { book, key: 'k' },
      afterFailure: (failures) => [
        {
          do: 'event',
          regarding: taken,
          eventType: 'Warning',
          reason: 'Failed',
          message: `${failures.length} of ${failures[0]?.action.do}`,
        },
      ],
    };
    await assert.rejects(carryOut([plan, create('z')], { client, recorder, pace }), {
      reason: 'AlreadyExists',
    });
    assert.deepEqual(await names(), ['a', 'b', 'c'], 'batches of 1, 2 and then no more');
    assert.equal(book.satisfied('k'), false, 'a and b are still to be seen');
    book.creationSeen('k');
    book.creationSeen('k');
    assert.equal(book.satisfied('k'), true);
    await recorder.flushed();
    assert.equal((await client.list(events, { namespace })).items[0]?.message, '1 of create');
  }));

test('no event when a creation is refused because the namespace is going', () =>
  withServer(async ({ env, client, recorder, pace }) => {
    const refusal = failure(403, 'Forbidden', 'it is being terminated', {
      causes: [{ reason: 'NamespaceTerminating' }],
    });
    const refusing = { ...client, create: () => Promise.reject(refusal) };
    const book = new Expectations(env.clock);
    const plan: Action = {
      do: 'together',
      slowStart: true,
      actions: ['a', 'b'].map(create),
      expectations: { book, key: 'k' },
      afterFailure: () => assert.fail('reported'),
    };
    await carryOut([plan], { client: refusing, recorder, pace });
    assert.equal(book.satisfied('k'), true);
    const done: string[] = [];
    const note: Action = { do: 'run', name: 'note', run: async () => void done.push('the namespace goes') };
    await carryOut([{ ...plan, whenNamespaceGoes: () => [note] }], { client: refusing, recorder, pace });
    assert.deepEqual(done, ['the namespace goes']);
    await assert.rejects(
      carryOut([create('a')], { client: refusing, recorder, pace }),
      isNamespaceTerminating,
    );
  }));

test('creations that were allowed and not made are given back', () =>
  withServer(async ({ client, recorder, pace }) => {
    const back: number[] = [];
    const actions = ['a', 'a', 'b', 'c', 'd'].map(create);
    const plan: Action = { do: 'together', slowStart: true, allowance: allowUpTo(5, back)(5), actions };
    await assert.rejects(carryOut([plan], { client, recorder, pace }), { reason: 'AlreadyExists' });
    assert.deepEqual(back, [3], 'the second a, c and d');
  }));

test('any actions together – no more than the pace allows are in flight', () =>
  withServer(async ({ client, recorder, pace }) => {
    let [inFlight, most] = [0, 0];
    const run = async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
    };
    const actions = Array.from({ length: 200 }, (_, i): Action => ({ do: 'run', name: `${i}`, run }));
    await carryOut([{ do: 'together', actions }], { client, recorder, pace });
    assert.deepEqual([inFlight, most], [0, 64]);
  }));

test('actions that depend on what the server has – they are looked up, then carried out', () =>
  withServer(async ({ client, recorder, pace, names }) => {
    const lookUp: Action = {
      do: 'lookUp',
      name: 'b, if there is an a',
      lookUp: async () => ((await names()).includes('a') ? [create('b')] : []),
    };
    await carryOut([lookUp, create('a'), lookUp], { client, recorder, pace });
    assert.deepEqual(await names(), ['a', 'b']);
  }));

test('what was gone before it could be deleted is not waited for', () =>
  withServer(async ({ env, client, recorder, pace }) => {
    const book = new Expectations(env.clock);
    const gone: DeleteAction = { do: 'delete', type: configMaps, namespace, name: 'gone', uid: 'u' };
    const plan: Action = { do: 'together', actions: [gone], expectations: { book, key: 'k' } };
    await carryOut([plan], { client, recorder, pace });
    assert.equal(book.satisfied('k'), true);
  }));

test('deleting what is gone already, or is another object of that name, is no failure of the first kind', () =>
  withServer(async ({ client, recorder, pace }) => {
    const gone: Action = { do: 'delete', type: configMaps, namespace, name: 'gone' };
    await carryOut([gone], { client, recorder, pace });
    await client.create(configMaps, { metadata: { name: 'a', namespace } });
    const other: Action = { do: 'delete', type: configMaps, namespace, name: 'a', uid: 'another' };
    await assert.rejects(carryOut([other], { client, recorder, pace }), { reason: 'Conflict' });
  }));

test('what goes together is all begun, and a failure ends the plan', () =>
  withServer(async ({ client, recorder, pace, names }) => {
    const many = Array.from({ length: 100 }, (_, i) => create(`m-${i}`));
    await carryOut([{ do: 'together', actions: many }], { client, recorder, pace });
    assert.equal((await names()).length, 100);
    const plan = [{ do: 'together', actions: [create('m-0'), create('x')] } as const, create('y')];
    await assert.rejects(carryOut(plan, { client, recorder, pace }), { reason: 'AlreadyExists' });
    assert.deepEqual(
      (await names()).filter((name) => !name.startsWith('m-')),
      ['x'],
    );
  }));
