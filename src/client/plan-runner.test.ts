import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, events, namespaces } from '#api/kinds.gen.ts';
import { failure, isNamespaceTerminating } from '#api/status.ts';
import { openInProcess } from '#testing/api-server.ts';
import type { Action, CreateAction, DeleteAction } from './controller.ts';
import { createEventRecorder } from './event-recorder.ts';
import { Expectations } from './expectations.ts';
import { carryOut } from './plan-runner.ts';
import { WritePace } from './write-pace.ts';

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

test('nothing is said when a creation is refused because the namespace is going', () =>
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
      afterFailure: () => assert.fail('told'),
    };
    await carryOut([plan], { client: refusing, recorder, pace });
    assert.equal(book.satisfied('k'), true);
    const done: string[] = [];
    const note: Action = { do: 'run', name: 'note', run: async () => void done.push('told that it goes') };
    await carryOut([{ ...plan, whenNamespaceGoes: () => [note] }], { client: refusing, recorder, pace });
    assert.deepEqual(done, ['told that it goes']);
    await assert.rejects(
      carryOut([create('a')], { client: refusing, recorder, pace }),
      isNamespaceTerminating,
    );
  }));

test('creations that were allowed and not made are given back', () =>
  withServer(async ({ client, recorder, pace }) => {
    const back: number[] = [];
    const noting = Object.assign(Object.create(pace), { giveBack: (count: number) => back.push(count) });
    const actions = ['a', 'a', 'b', 'c', 'd'].map(create);
    const plan: Action = { do: 'together', slowStart: true, isAllowed: true, actions };
    await assert.rejects(carryOut([plan], { client, recorder, pace: noting }), { reason: 'AlreadyExists' });
    assert.deepEqual(back, [3], 'the second a, c and d');
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

test('what goes side by side is all begun, and a failure ends the plan', () =>
  withServer(async ({ client, recorder, pace, names }) => {
    const many = Array.from({ length: 100 }, (_, i) => create(`m-${i}`));
    await carryOut([{ do: 'sideBySide', actions: many }], { client, recorder, pace });
    assert.equal((await names()).length, 100);
    const plan = [{ do: 'sideBySide', actions: [create('m-0'), create('x')] } as const, create('y')];
    await assert.rejects(carryOut(plan, { client, recorder, pace }), { reason: 'AlreadyExists' });
    assert.deepEqual(
      (await names()).filter((name) => !name.startsWith('m-')),
      ['x'],
    );
  }));
