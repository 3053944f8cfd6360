/** LimitRanges, case by case as in upstream's table. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const amounts = {
  max: { cpu: '100m', memory: '10000Mi' },
  min: { cpu: '5m', memory: '100Mi' },
  default: { cpu: '50m', memory: '500Mi' },
  defaultRequest: { cpu: '10m', memory: '200Mi' },
  maxLimitRequestRatio: { cpu: '10' },
};
const { max, min, maxLimitRequestRatio } = amounts;
const storage = {
  max: { storage: '10000T' },
  min: { storage: '100Mi' },
  default: { storage: '500Mi' },
  defaultRequest: { storage: '200Mi' },
};
const ephemeral = {
  max: { 'ephemeral-storage': '10000Mi' },
  min: { 'ephemeral-storage': '100Mi' },
};
const claim = (more: object) => ({ type: 'PersistentVolumeClaim', ...more });
const notOfPods = "Forbidden: may not be specified when `type` is 'Pod'";
const at = 'spec.limits[0]';

const cases: readonly [what: string, limits: object[], messages: string[]][] = [
  [
    'pods, containers and claims',
    [
      { type: 'Pod', max, min, maxLimitRequestRatio },
      { type: 'Container', ...amounts },
      claim({ max: { storage: '10Gi' }, min: { storage: '5Gi' } }),
    ],
    [],
  ],
  [
    'local storage',
    [
      { type: 'Pod', ...ephemeral },
      { type: 'Container', ...ephemeral, default: { 'ephemeral-storage': '500Mi' } },
    ],
    [],
  ],
  ['claims, the least', [claim({ min: { storage: '5Gi' } })], []],
  ['claims, the most', [claim({ max: { storage: '10Gi' } })], []],
  ['big numbers', [{ type: 'Container', ...amounts, max: { cpu: '100m', memory: '10000T' } }], []],
  ['a type with a domain', [{ type: 'thirdparty.com/foo', ...amounts }], []],
  ['a type with a domain, storage', [{ type: 'thirdparty.com/foo', ...storage }], []],
  [
    'a type twice',
    [
      { type: 'Pod', max },
      { type: 'Pod', min },
    ],
    ['spec.limits[1].type: Duplicate value: "Pod"'],
  ],
  ['defaults of pods', [{ type: 'Pod', max, default: { cpu: '10m' } }], [`${at}.default: ${notOfPods}`]],
  [
    'default requests of pods',
    [{ type: 'Pod', max, defaultRequest: { cpu: '10m' } }],
    [`${at}.defaultRequest: ${notOfPods}`],
  ],
  [
    'least above most',
    [{ type: 'Pod', max: { cpu: '10m' }, min: { cpu: '100m' } }],
    [`${at}.min[cpu]: Invalid value: "100m": min value 100m is greater than max value 10m`],
  ],
  [
    'default above most',
    [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '100m' }, default: { cpu: '2000m' } }],
    [`${at}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1`],
  ],
  [
    'default below least',
    [{ type: 'Container', min: { cpu: '2' }, default: { cpu: '1' } }],
    [`${at}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`],
  ],
  [
    'default request above most',
    [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '100m' }, defaultRequest: { cpu: '2000m' } }],
    [`${at}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1`],
  ],
  [
    'default request above default',
    [{ type: 'Container', max: { cpu: '2' }, default: { cpu: '500m' }, defaultRequest: { cpu: '800m' } }],
    [
      `${at}.defaultRequest[cpu]: Invalid value: "800m": default request value 800m is greater than default limit value 500m`,
    ],
  ],
  [
    'a ratio below one',
    [{ type: 'Pod', maxLimitRequestRatio: { cpu: '800m' } }],
    [`${at}.maxLimitRequestRatio[cpu]: Invalid value: "800m": ratio 800m is less than 1`],
  ],
  [
    'a ratio for which there is no room',
    [
      {
        type: 'Container',
        max: { memory: '2Gi' },
        min: { memory: '512Mi' },
        maxLimitRequestRatio: { memory: '10' },
      },
    ],
    [`${at}.maxLimitRequestRatio[memory]: Invalid value: "10": ratio 10 is greater than max/min = 4.000000`],
  ],
  [
    'an unknown type',
    [{ type: 'foo', ...storage }],
    [`${at}.type: Invalid value: "foo": must be a standard limit type or fully qualified`],
  ],
  [
    'claims without bounds',
    [claim({})],
    [
      `${at}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`,
    ],
  ],
  [
    'claims, least above most',
    [claim({ min: { storage: '10Gi' }, max: { storage: '1Gi' } })],
    [`${at}.min[storage]: Invalid value: "10Gi": min value 10Gi is greater than max value 1Gi`],
  ],
  [
    'huge pages not asked for as limited',
    [
      {
        type: 'Container',
        default: { 'hugepages-2Mi': '4Mi' },
        defaultRequest: { 'hugepages-2Mi': '2Mi' },
      },
    ],
    [
      `${at}.defaultRequest[hugepages-2Mi]: Invalid value: "2Mi": default value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi`,
    ],
  ],
];

for (const [what, limits, messages] of cases) {
  test(`a limit range – ${what} – has its messages`, () => {
    const object = { metadata: { name: 'abc', namespace: 'foo' }, spec: { limits } };
    assert.deepEqual(messagesOf('', 'limitranges', object as AnyObject), messages);
  });
}
