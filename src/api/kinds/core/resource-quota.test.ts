/** ResourceQuotas, case by case as in upstream's table. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMessagesOf, messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const quota = (spec: object) => ({ metadata: { name: 'abc', namespace: 'foo' }, spec }) as AnyObject;
const selector = (...matchExpressions: object[]) => ({ scopeSelector: { matchExpressions } });

const counts = ['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'configmaps', 'secrets'];
const more = ['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'];
const allOf = (names: readonly string[], amount: string) =>
  Object.fromEntries(names.map((name) => [name, amount]));
const wrongAmounts = (names: readonly string[], shown: string, text: string) =>
  names.map((name) => `spec.hard[${name}]: Invalid value: "${shown}": ${text}`);

const compute = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
const expressions = 'spec.scopeSelector.matchExpressions';
const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

const cases: readonly [what: string, spec: object, messages: string[]][] = [
  [
    'of everything',
    {
      hard: {
        ...allOf(compute, '100'),
        ...allOf([...counts, ...more], '10'),
        services: '0',
        'count/resourceclaims.resource.k8s.io': '1',
        'gold.deviceclass.resource.k8s.io/devices': '1',
      },
    },
    [],
  ],
  ['of part of a processor', { hard: { cpu: '100m' } }, []],
  ['of what ends', { hard: { cpu: '100', 'limits.cpu': '200' }, scopes: ['Terminating'] }, []],
  ['of what does not end', { hard: { cpu: '100' }, scopes: ['NotTerminating'] }, []],
  ['of best effort', { hard: { pods: '100' }, scopes: ['BestEffort'] }, []],
  ['of better than best effort', { hard: { cpu: '100' }, scopes: ['NotBestEffort'] }, []],
  ['of affinity across namespaces', { hard: { cpu: '100' }, scopes: ['CrossNamespacePodAffinity'] }, []],
  [
    'of a priority',
    selector({ scopeName: 'PriorityClass', operator: 'In', values: ['cluster-services'] }),
    [],
  ],
  [
    'of storage',
    { hard: { storage: '10' } },
    ['spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota'],
  ],
  [
    'of less than nothing',
    { hard: allOf([...compute, ...counts], '-10') },
    wrongAmounts([...compute, ...counts], '-10', 'must be greater than or equal to 0'),
  ],
  [
    'of half a thing',
    { hard: allOf([...counts, ...more], '1.5') },
    wrongAmounts([...counts, ...more], '1500m', 'must be an integer'),
  ],
  [
    'of what ends and what does not',
    { hard: { cpu: '100' }, scopes: ['Terminating', 'NotTerminating'] },
    ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  [
    'of best effort and better',
    { hard: { pods: '100' }, scopes: ['BestEffort', 'NotBestEffort'] },
    ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  ],
  [
    'of best effort and better, selected',
    selector(
      { scopeName: 'BestEffort', operator: 'Exists' },
      { scopeName: 'NotBestEffort', operator: 'Exists' },
    ),
    [`${expressions}: Invalid value: null: conflicting scopes`],
  ],
  [
    'of affinity with names',
    selector({ scopeName: 'CrossNamespacePodAffinity', operator: 'In', values: ['x'] }),
    [`${expressions}.operator: Invalid value: "In": ${mustExist}`],
  ],
  [
    'of a scope that counts no processors',
    { hard: { cpu: '1' }, ...selector({ scopeName: 'BestEffort', operator: 'Exists' }) },
    [
      `${expressions}: Invalid value: {"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"Exists","Values":null}]}: unsupported scope applied to resource`,
    ],
  ],
  [
    'of a priority without names, and one with too many',
    selector(
      { scopeName: 'PriorityClass', operator: 'NotIn' },
      { scopeName: 'PriorityClass', operator: 'Exists', values: ['x'] },
    ),
    [
      `${expressions}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
      `${expressions}.values: Invalid value: ["x"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
    ],
  ],
  [
    'of an unknown scope',
    { hard: { cpu: '100' }, scopes: ['foo'] },
    ['spec.scopes: Invalid value: ["foo"]: unsupported scope'],
  ],
];

for (const [what, spec, messages] of cases) {
  test(`a quota – ${what} – has its messages`, () => {
    assert.deepEqual(messagesOf('', 'resourcequotas', quota(spec)), messages);
  });
}

test('the scopes of a quota – updated – are immutable, in any order', () => {
  const old = quota({ hard: { pods: '1' }, scopes: ['BestEffort', 'Terminating'] });
  const turned = quota({ hard: { pods: '2' }, scopes: ['Terminating', 'BestEffort'] });
  assert.deepEqual(changeMessagesOf('', 'resourcequotas', turned, old), []);
  assert.deepEqual(changeMessagesOf('', 'resourcequotas', quota({ hard: { pods: '1' } }), old), [
    'spec.scopes: Invalid value: null: field is immutable',
  ]);
});
