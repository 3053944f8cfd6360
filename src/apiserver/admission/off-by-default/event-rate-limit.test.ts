import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, eventsK8sIoEvents } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Admission } from '../admission.ts';
import { eventRateLimit } from './event-rate-limit.ts';

interface Asked {
  readonly type?: typeof events | typeof eventsK8sIoEvents;
  readonly namespace?: string;
  readonly user?: string;
  readonly object?: AnyObject;
  readonly dryRun?: boolean;
}

function setUp(limit: { type: string; burst?: number; cacheSize?: number }) {
  const clock = new VirtualClock(0);
  const door = new Admission();
  door.begin([eventRateLimit(clock, [{ qps: 1, burst: 1, cacheSize: 0, ...limit }])]);
  const refusal = (asked: Asked = {}) => {
    const { type = events, namespace = 'default', user = 'jane', object = {}, dryRun = false } = asked;
    try {
      const attributes = { operation: 'CREATE', type, subresource: '', name: 'e', warn: () => {} } as const;
      door.validate({ ...attributes, namespace, user: { name: user, groups: [] }, object, dryRun });
      return undefined;
    } catch (error) {
      assert(error instanceof StatusError);
      return `${error.code} ${error.status.reason}: ${error.message}`;
    }
  };
  return { clock, refusal };
}

const refused = (type: string, key: string) =>
  `429 TooManyRequests: Too many requests: limit reached on type ${type} for key ${key}`;

test('events – more than the server takes – are refused until a second has gone by; a dry run does not count', async () => {
  const { clock, refusal } = setUp({ type: 'Server' });
  assert.equal(refusal({ dryRun: true }), undefined);
  assert.equal(refusal(), undefined);
  assert.equal(refusal({ type: eventsK8sIoEvents, namespace: 'other' }), refused('Server', ''));
  await clock.advance(1000);
  assert.equal(refusal(), undefined);
});

test('events – by a limit of the server whose cache size is negative – are refused all the same', () => {
  const { refusal } = setUp({ type: 'Server', cacheSize: -1 });
  assert.equal(refusal(), undefined);
  assert.equal(refusal(), refused('Server', ''));
});

test('events – of several namespaces, users, sources – are counted apart', () => {
  const byNamespace = setUp({ type: 'Namespace' });
  assert.deepEqual(
    ['a', 'b', 'a'].map((namespace) => byNamespace.refusal({ namespace })),
    [undefined, undefined, refused('Namespace', 'a')],
  );
  const byUser = setUp({ type: 'User' });
  assert.deepEqual(
    ['a', 'b', 'a'].map((user) => byUser.refusal({ user })),
    [undefined, undefined, refused('User', 'a')],
  );
  const bySource = setUp({ type: 'SourceAndObject' });
  const about = { kind: 'Pod', namespace: 'n', name: 'p', uid: 'u', apiVersion: 'v1' };
  const old = { source: { component: 'c', host: 'h' }, involvedObject: about };
  const now = { deprecatedSource: { component: 'c', host: 'h' }, regarding: about };
  assert.equal(bySource.refusal({ object: old }), undefined);
  assert.equal(
    bySource.refusal({ type: eventsK8sIoEvents, object: now }),
    refused('SourceAndObject', 'chPodnpuv1'),
  );
});

test('more namespaces than are counted – the one that was used longest ago begins again', () => {
  const { refusal } = setUp({ type: 'Namespace', cacheSize: 2 });
  const answers = ['a', 'b', 'a', 'c', 'b', 'a'].map((namespace) => refusal({ namespace }) !== undefined);
  assert.deepEqual(answers, [false, false, true, false, false, false]);
});

test('events – about names of a megabyte – are counted by them, and refused with them', () => {
  const { refusal } = setUp({ type: 'SourceAndObject' });
  const about = (name: string) => refusal({ object: { involvedObject: { name } } as AnyObject });
  const long = 'x'.repeat(1_000_000);
  assert.deepEqual([about(`${long}a`), about(`${long}b`)], [undefined, undefined]);
  assert.equal(about(`${long}a`), refused('SourceAndObject', `${long}a`));
});
