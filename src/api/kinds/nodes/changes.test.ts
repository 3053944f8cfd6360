/** Nodes, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMessagesOf, messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const nodeOf = (more: object = {}) => ({ metadata: { name: 'foo' }, ...more }) as AnyObject;
const capacity = (more: object) => nodeOf({ status: { capacity: { cpu: '10', memory: '10G', ...more } } });
const taint = { key: 'dedicated', value: 'special-user', effect: 'NoSchedule' };
const tainted = (more: object) => nodeOf({ spec: { taints: [{ ...taint, ...more }] } });
const ranges = (...podCIDRs: string[]) => nodeOf({ spec: { podCIDRs } });
const annotation = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const avoiding = (text: string) => nodeOf({ metadata: { name: 'foo', annotations: { [annotation]: text } } });
const controlledBy = (podController: object) =>
  avoiding(JSON.stringify({ preferAvoidPods: [{ podSignature: { podController }, reason: 'some reason' }] }));
const unsigned = avoiding('{"preferAvoidPods":[{"reason":"some reason"}]}');
const entry = `metadata.annotations.${annotation}[0].PodSignature`;
const noSignature = [`${entry}: Required value`];
const noController = [`${entry}.PodController.Controller: Invalid value: false: must point to a controller`];
const noName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const noValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const at = 'metadata.taints[0]';
const twoOfOneFamily = 'may specify no more than one CIDR for each IP family';

const creations: readonly [what: string, node: AnyObject, messages: string[]][] = [
  ['with huge pages', capacity({ 'hugepages-2Mi': '10Gi', 'hugepages-1Gi': '10Gi', 'my.org/gpu': '10' }), []],
  ['with nothing of something', capacity({ memory: '0' }), []],
  ['with a taint', tainted({}), []],
  ['with a range', ranges('192.168.0.0/16'), []],
  ['with ranges of both families', ranges('192.168.0.0/16', '2000::/10'), []],
  [
    'with half a device',
    capacity({ 'example.com/a': '500m' }),
    ['status.capacity.example.com/a: Invalid value: "500m": must be an integer'],
  ],
  [
    'with half a device to give',
    nodeOf({ status: { allocatable: { 'example.com/a': '4.5' } } }),
    ['status.allocatable.example.com/a: Invalid value: "4500m": must be an integer'],
  ],
  [
    'with a taint without a key',
    tainted({ key: '' }),
    [`${at}.key: Invalid value: "": name part must be non-empty`, `${at}.key: Invalid value: "": ${noName}`],
  ],
  ['with a taint with a bad key', tainted({ key: 'A=b' }), [`${at}.key: Invalid value: "A=b": ${noName}`]],
  [
    'with a taint with a bad value',
    tainted({ value: 'some\\bad' }),
    [`${at}.value: Invalid value: "some\\\\bad": ${noValue}`],
  ],
  ['with a taint without effect', tainted({ effect: '' }), [`${at}.effect: Required value`]],
  [
    'with a taint of unknown effect',
    tainted({ effect: 'NoScheduleNoAdmit' }),
    [
      `${at}.effect: Unsupported value: "NoScheduleNoAdmit": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`,
    ],
  ],
  [
    'with a bad range',
    ranges('192.168.0.0'),
    [
      'spec.podCIDRs[0]: Invalid value: "192.168.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'with a range twice',
    ranges('10.0.0.0/16', '10.0.0.0/16'),
    [`spec.podCIDRs: Invalid value: ["10.0.0.0/16","10.0.0.0/16"]: ${twoOfOneFamily}`],
  ],
  [
    'that avoids the pods of a controller',
    controlledBy({ kind: 'ReplicationController', controller: true }),
    [],
  ],
  ['that avoids the pods of no controller', controlledBy({ controller: false }), noController],
  ['that avoids pods without a controller', unsigned, noSignature],
  [
    'that avoids nonsense',
    avoiding('{'),
    [`metadata.annotations.AvoidPods: Invalid value: "${annotation}": unexpected end of JSON input`],
  ],
];

for (const [what, node, messages] of creations) {
  test(`a node – ${what} – has its messages`, () => {
    assert.deepEqual(messagesOf('', 'nodes', node), messages);
  });
}

const provided = (providerID: string) => nodeOf({ spec: { providerID } });
const reachedAt = (...addresses: object[]) => nodeOf({ status: { addresses } });
const fixed = (field: string, what: string) =>
  `spec.${field}: Forbidden: node updates may not change ${what} except from "" to valid`;
const [v4, v6] = ['192.168.0.0/16', '2000::/10'];

const updates: readonly [what: string, before: AnyObject, now: AnyObject, messages: string[]][] = [
  ['nothing', nodeOf(), nodeOf(), []],
  ['less', capacity({ cpu: '10000' }), capacity({ cpu: '100' }), []],
  ['no addresses', reachedAt({ type: 'ExternalIP', address: '1.2.3.4' }), nodeOf(), []],
  [
    'two addresses',
    nodeOf(),
    reachedAt({ type: 'ExternalIP', address: '1.1.1.1' }, { type: 'InternalIP', address: '1.1.1.1' }),
    [],
  ],
  [
    'one address twice',
    nodeOf(),
    reachedAt({ type: 'ExternalIP', address: '1.1.1.1' }, { type: 'ExternalIP', address: '1.1.1.1' }),
    ['status.addresses[1]: Duplicate value: {"Type":"ExternalIP","Address":"1.1.1.1"}'],
  ],
  ['a first range', nodeOf(), ranges(v4), []],
  ['the same ranges', ranges(v4, v6), ranges(v4, v6), []],
  ['another range', ranges('192.123.0.0/16'), ranges(v4), [fixed('podCIDRs', 'podCIDR')]],
  ['fewer ranges', ranges(v4, v6), ranges(v4), [fixed('podCIDRs', 'podCIDR')]],
  ['its ranges the other way round', ranges(v4, v6), ranges(v6, v4), [fixed('podCIDRs', 'podCIDR')]],
  ['a first provider', nodeOf(), provided('provider:///new'), []],
  [
    'another provider',
    provided('provider:///old'),
    provided('provider:///new'),
    [fixed('providerID', 'providerID')],
  ],
  ['pods without a controller to avoid', nodeOf(), unsigned, noSignature],
];

for (const [what, before, now, messages] of updates) {
  test(`a node updated – ${what} – has its messages`, () => {
    assert.deepEqual(changeMessagesOf('', 'nodes', now, before), messages);
  });
}
