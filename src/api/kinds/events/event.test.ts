/** Events of the core group, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const eventIn = (namespace: string, involvedObject: object, more: object = {}) =>
  ({ metadata: { name: 'test', ...(namespace ? { namespace } : {}) }, involvedObject, ...more }) as AnyObject;
const mismatch = (about: string) =>
  `involvedObject.namespace: Invalid value: "${about}": does not match event.namespace`;
const noName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const old: readonly [namespace: string, about: object, messages: string[]][] = [
  ['foo', { namespace: 'bar', kind: 'Pod' }, [mismatch('bar')]],
  ['default', { kind: 'Node' }, []],
  ['default', { kind: 'NoKind', namespace: 'default' }, []],
  ['default', { kind: 'Job', namespace: 'foo' }, [mismatch('foo')]],
  ['foo', { kind: 'Job', namespace: 'foo' }, []],
  ['foo', { kind: 'FooBar', namespace: '' }, [mismatch('')]],
];

for (const [namespace, about, messages] of old) {
  test(`an event in ${namespace} – about ${JSON.stringify(about)} – has its messages`, () => {
    assert.deepEqual(messagesOf('', 'events', eventIn(namespace, about)), messages);
  });
}

const node = { apiVersion: 'v1', kind: 'Node' };
const reported = {
  eventTime: '2017-09-19T13:09:16.000000Z',
  reportingComponent: 'k8s.io/my-controller',
  reportingInstance: 'node-xyz',
  action: 'Do',
  reason: 'Because',
};
const long = 'can have at most';

const rejected: readonly [what: string, namespace: string, changes: object, messages: string[]][] = [
  ['by a controller', 'kube-system', {}, []],
  ['elsewhere', 'foo', {}, [mismatch('')]],
  [
    'without a reporter',
    'default',
    { reportingComponent: '', reportingInstance: '', action: '', reason: '' },
    [
      'reportingComponent: Required value',
      'reportingComponent: Invalid value: "": name part must be non-empty',
      `reportingComponent: Invalid value: "": ${noName}`,
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ],
  ],
  [
    'by a bad name',
    'kube-system',
    { reportingComponent: 'my-contr@ller' },
    [`reportingComponent: Invalid value: "my-contr@ller": ${noName}`],
  ],
  [
    'by an instance with a name too long',
    'kube-system',
    { reportingInstance: 'z'.repeat(129) },
    [`reportingInstance: Invalid value: "": ${long} 128 characters`],
  ],
  ['for no reason', 'kube-system', { reason: '' }, ['reason: Required value']],
  ['of no action', 'kube-system', { action: '' }, ['action: Required value']],
  [
    'with a message too long',
    'kube-system',
    { message: 'z'.repeat(1025) },
    [`message: Invalid value: "": ${long} 1024 characters`],
  ],
  [
    'with a message too long in bytes',
    'kube-system',
    { message: 'ü'.repeat(513), reason: 'ü'.repeat(65) },
    [
      `reason: Invalid value: "": ${long} 128 characters`,
      `message: Invalid value: "": ${long} 1024 characters`,
    ],
  ],
];

for (const [what, namespace, changes, messages] of rejected) {
  test(`an event – ${what} – has its messages`, () => {
    const event = eventIn(namespace, node, { ...reported, ...changes });
    assert.deepEqual(messagesOf('', 'events', event), messages);
  });
}
