/** How a plan is carried out: order, follow-up actions, failures, expectations, pace. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, events, namespaces } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { failure, isNamespaceTerminating } from '#api/meta/status.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { createEventRecorder } from '../events/recorder.ts';
import { WritePace } from '../queue/write-pace.ts';
import { OwnObjects } from './own-objects.ts';
import type { Action, CreateAction, DeleteAction, EventAction } from './plan.ts';
import { carryOut } from './plan-runner.ts';
import type { PlanTools } from './plan-tools.ts';
import type { SpecialStep } from './special.ts';

const namespace = 'default';

type Tools = Awaited<ReturnType<typeof toolsOf>>;

async function withServer(body: (tools: Tools) => Promise<void>): Promise<void> {
  await using api = await startTestServer();
  await body(await toolsOf(api));
}

async function toolsOf({ env, client }: TestServer) {
  await client.create(namespaces, { metadata: { name: namespace } });
  const recorder = createEventRecorder({ env, client, component: 'test' });
  const own = new OwnObjects(env.clock);
  const { expectations } = own;
  const pace = new WritePace(env.clock);
  const woken: string[] = [];
  const tools: PlanTools = {
    client,
    recorder,
    pace,
    own,
    key: 'k',
    steps: [],
    wake: (key) => woken.push(key),
  };
  const names = async () =>
    (await client.list(configMaps, { namespace })).items.map(({ metadata }) => metadata.name);
  const messages = async () => {
    await recorder.flushed();
    return (await client.list(events, { namespace })).items.map(({ message }) => message).sort();
  };
  /** Carries out these actions. */
  const run = (actions: readonly Action[], others: Partial<PlanTools> = {}) =>
    carryOut({ actions }, { ...tools, ...others });
  return { client, expectations, pace, woken, names, messages, run };
}

const create = (name: string): CreateAction => ({
  do: 'create',
  type: configMaps,
  object: { metadata: { name, namespace } },
});

const about = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'about', namespace } };

const event = (message: string, ends?: EventAction['ends']): EventAction => ({
  do: 'event',
  regarding: about,
  eventType: 'Normal',
  reason: 'Test',
  message,
  ...(ends ? { ends } : {}),
});

const terminating = failure(403, 'Forbidden', 'it is being terminated', {
  causes: [{ reason: 'NamespaceTerminating' }],
});

test('plan – an action fails – ends', () =>
  withServer(async ({ run, names }) => {
    await assert.rejects(run([create('a'), create('a'), create('b')]), { reason: 'AlreadyExists' });
    assert.deepEqual(await names(), ['a']);
  }));

test('plan – an action succeeds – its ifDone follows, with the name of the created object', () =>
  withServer(async ({ run, names, messages }) => {
    const generated = { metadata: { generateName: 'g-', namespace } };
    await run([{ ...create('a'), object: generated, ifDone: [event('created ', 'name'), create('b')] }]);
    const [b, made] = await names();
    assert.equal(b, 'b');
    assert.deepEqual(await messages(), [`created ${made}`]);
  }));

test('plan – a creation fails – its ifFailed follows with that failure, and the plan still ends', () =>
  withServer(async ({ run, names, messages }) => {
    const ifFailed = [event('failed: ', 'error')];
    await run([create('a')]);
    await assert.rejects(run([{ ...create('a'), ifFailed }, create('z')]), { reason: 'AlreadyExists' });
    const message = 'failed: configmaps "a" already exists';
    assert.deepEqual(await messages(), [message]);
    const taken = { ...create('a'), ifTaken: [create('in-its-place')], ifFailed };
    await assert.rejects(run([taken]), { reason: 'AlreadyExists' });
    assert.deepEqual(await names(), ['a', 'in-its-place']);
    await assert.rejects(run([{ ...taken, ifTaken: [] }]), { reason: 'AlreadyExists' });
    assert.deepEqual(await messages(), [message], 'the failure of another kind is not reported');
  }));

test('plan – slow start – stops at the first batch with a failure and lowers the expectations', () =>
  withServer(async ({ client, expectations, run, names, messages }) => {
    await client.create(configMaps, { metadata: { name: 'c', namespace } });
    const creations = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      ...create(name),
      ifDone: [event(`made ${name}`)],
      ifFailed: [event('failed: ', 'error')],
    }));
    const plan: Action = {
      do: 'together',
      slowStart: true,
      expected: true,
      actions: creations,
      ifFailed: [event('in place of the rest')],
    };
    await assert.rejects(run([plan, create('z')]), { reason: 'AlreadyExists' });
    assert.deepEqual(await names(), ['a', 'b', 'c'], 'batches of 1, 2 and then no more');
    assert.equal(expectations.satisfied('k'), false, 'a and b are still to be seen');
    expectations.creationSeen('k');
    expectations.creationSeen('k');
    assert.equal(expectations.satisfied('k'), true);
    assert.deepEqual(await messages(), [
      'failed: configmaps "c" already exists',
      'in place of the rest',
      'made a',
      'made b',
    ]);
  }));

test('plan – creations rejected because their namespace is terminating – nothing fails, nothing is reported', () =>
  withServer(async ({ client, expectations, run, messages }) => {
    const refusing = { ...client, create: () => Promise.reject(terminating) };
    const ifFailed = [event('reported')];
    const actions = ['a', 'b'].map((name) => ({ ...create(name), ifFailed }));
    const plan: Action = { do: 'together', slowStart: true, expected: true, actions, ifFailed };
    await run([plan], { client: refusing });
    assert.equal(expectations.satisfied('k'), true);
    await run([{ ...plan, ifNamespaceTerminates: [event('it terminates')] }], { client: refusing });
    await assert.rejects(run([{ ...create('a'), ifFailed }], { client: refusing }), isNamespaceTerminating);
    assert.deepEqual(await messages(), ['it terminates']);
  }));

test('plan – allowed creations that were not made – are given back', () =>
  withServer(async ({ pace, run }) => {
    const back: number[] = [];
    pace.giveBack = (_allowance, count) => void back.push(count);
    const allowance = { count: 6, weight: 1 };
    const actions = ['a', 'a', 'b', 'c', 'd'].map(create);
    const plan: Action = { do: 'together', slowStart: true, allowance, actions };
    await assert.rejects(run([plan]), { reason: 'AlreadyExists' });
    await run([{ ...plan, actions: [create('e')] }]);
    assert.deepEqual(back, [4, 5], 'the second a, c, d and one that was not planned; all but e');
  }));

test('plan – actions together – at most as many as the pace allows are in flight', () =>
  withServer(async ({ client, run }) => {
    let [inFlight, most] = [0, 0];
    const patch = async () => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return { metadata: { uid: 'u', resourceVersion: '1' } };
    };
    const actions = Array.from({ length: 200 }, (_, i): Action => {
      return { do: 'patch', type: configMaps, namespace, name: `${i}`, patchType: 'merge', patch: {} };
    });
    await run([{ do: 'together', actions }], { client: { ...client, patch: patch as never } });
    assert.deepEqual([inFlight, most], [0, 64]);
  }));

test('plan – a special action – is carried out by the controller’s step, and the actions it returns follow', () =>
  withServer(async ({ run, names, woken }) => {
    const lookUp: SpecialStep<{ ifThere: string }> = {
      name: 'lookUp',
      carryOut: async ({ ifThere }) =>
        (await names()).includes(ifThere) ? { actions: [create('b')], againInMs: 5 } : { actions: [] },
    };
    const step: Action = { do: 'special', step: 'lookUp', about: 'a', data: { ifThere: 'a' } };
    await run([step, create('a'), step, { do: 'wake', keys: ['other'] }], { steps: [lookUp] });
    assert.deepEqual(await names(), ['a', 'b']);
    assert.deepEqual(woken, ['k', 'other']);
    await assert.rejects(run([step]), { message: 'the controller has no step lookUp' });
  }));

test('plan – a deletion of an object that is already deleted – is not expected, and does not fail', () =>
  withServer(async ({ client, expectations, run, messages }) => {
    const ifDone = [event('deleted')];
    const gone: DeleteAction = { do: 'delete', type: configMaps, namespace, name: 'gone', uid: 'u', ifDone };
    await run([{ do: 'together', expected: true, actions: [gone] }, gone]);
    assert.equal(expectations.satisfied('k'), true);
    assert.deepEqual(await messages(), []);
    await client.create(configMaps, { metadata: { name: 'a', namespace } });
    await assert.rejects(run([{ ...gone, name: 'a' }]), { reason: 'Conflict' });
    await run([{ ...gone, name: 'a', ignore: 'any' }]);
  }));

test("plan – a patch whose rejection is ignored – the plan continues, without the patch's follow-up", () =>
  withServer(async ({ run, names }) => {
    const at = { type: configMaps, namespace, name: 'a' };
    const patch: Action = { do: 'patch', ...at, patchType: 'merge', patch: {}, ifDone: [create('b')] };
    await assert.rejects(run([patch]), { reason: 'NotFound' });
    await assert.rejects(run([{ ...patch, ignore: ['Conflict'] }]), { reason: 'NotFound' });
    await run([{ ...patch, ignore: ['NotFound', 'Conflict'] }, create('c')]);
    assert.deepEqual(await names(), ['c']);
  }));

test('plan – an owner that is missing or terminating on the server – actions that need it are not carried out', () =>
  withServer(async ({ client, run, names }) => {
    const { metadata } = await client.create(configMaps, {
      metadata: { name: 'a', namespace, finalizers: ['example.com/kept'] },
    });
    const live = (uid: string): Action => ({ do: 'assertLive', type: configMaps, namespace, name: 'a', uid });
    await run([live(metadata.uid), create('b')]);
    await assert.rejects(run([live('other'), create('c')]), {
      message: 'original ConfigMap default/a is gone',
    });
    await client.delete(configMaps, { namespace, name: 'a' });
    await assert.rejects(run([live(metadata.uid), create('c')]), {
      message: 'default/a has just been deleted',
    });
    assert.deepEqual(await names(), ['a', 'b']);
  }));

test("plan – a status with the failure in a condition – the message ends with the failure's message", () =>
  withServer(async ({ run, client }) => {
    const name = 'default';
    const stored = await client.get(namespaces, { name });
    const status = { conditions: [{ type: 'Refused', status: 'True', message: 'because ' }] };
    const report: Action = {
      do: 'updateStatus',
      type: namespaces,
      object: { ...stored, status } as KubeObject,
      failureIn: 'Refused',
    };
    await run([create('a')]);
    await assert.rejects(run([{ ...create('a'), ifFailed: [report] }]));
    const [condition] = (await client.get(namespaces, { name })).status?.conditions ?? [];
    assert.equal(condition?.message, 'because configmaps "a" already exists');
  }));

test('plan – actions together – all are started, and a failure ends the plan', () =>
  withServer(async ({ run, names }) => {
    const many = Array.from({ length: 100 }, (_, i) => create(`m-${i}`));
    await run([{ do: 'together', actions: many }]);
    assert.equal((await names()).length, 100);
    const plan = [{ do: 'together', actions: [create('m-0'), create('x')] } as const, create('y')];
    await assert.rejects(run(plan), { reason: 'AlreadyExists' });
    assert.deepEqual(
      (await names()).filter((name) => !name.startsWith('m-')),
      ['x'],
    );
  }));
