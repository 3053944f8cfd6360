/** FlowSchemas and PriorityLevelConfigurations: which are valid, with upstream's errors. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, createMessages, runCases } from '#testing/kind-cases.ts';
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from './default-objects.ts';

const rules = [
  {
    subjects: [{ kind: 'Group', group: { name: 'noxu' } }],
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
  },
];
const subjects = 'spec.rules[0].subjects[0]';
const withSubject = (subject: object) => ({ 'spec.rules': [{ ...rules[0], subjects: [subject] }] });
const withRule = (rule: object) => ({
  'spec.rules': [
    { subjects: rules[0]!.subjects, resourceRules: [{ ...rules[0]!.resourceRules[0], ...rule }] },
  ],
});
const withPaths = (...nonResourceURLs: string[]) => ({
  'spec.rules': [{ subjects: rules[0]!.subjects, nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] }],
});
const paths = 'spec.rules[0].nonResourceRules[0].nonResourceURLs';

runCases([
  {
    kind: ['flowcontrol.apiserver.k8s.io', 'flowschemas'],
    valid: {
      metadata: { name: 'system-foo' },
      spec: { matchingPrecedence: 50, priorityLevelConfiguration: { name: 'system-bar' }, rules },
    },
    update: [],
    create: [
      [{ 'spec.matchingPrecedence': 0 }, []],
      [
        { 'spec.matchingPrecedence': -1 },
        ['spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
      ],
      [
        { 'spec.matchingPrecedence': 10_001 },
        ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
      ],
      [
        { 'spec.matchingPrecedence': 1 },
        [
          "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
        ],
      ],
      [
        { 'spec.priorityLevelConfiguration.name': '' },
        ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
      ],
      [
        { 'spec.distinguisherMethod': { type: 'ByIp' } },
        [
          'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByIp"}: supported values: "ByNamespace", "ByUser"',
        ],
      ],
      [
        withSubject({ kind: 'ServiceAccount', user: { name: 'fred' }, group: { name: 'fred' } }),
        [
          `${subjects}.serviceAccount: Required value: serviceAccount is required when subject kind is 'ServiceAccount'`,
          `${subjects}.user: Forbidden: user is forbidden when subject kind is not 'User'`,
          `${subjects}.group: Forbidden: group is forbidden when subject kind is not 'Group'`,
        ],
      ],
      [
        withSubject({ kind: 'Robot' }),
        [`${subjects}.kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`],
      ],
      [
        withRule({ verbs: ['*', 'get'] }),
        [
          'spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
        ],
      ],
      [
        withRule({ namespaces: [] }),
        [
          'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
        ],
      ],
      [withRule({ namespaces: [], clusterScope: true }), []],
      [withPaths('/', '/healthz/*'), []],
      [withPaths('metrics'), [`${paths}[0]: Invalid value: "metrics": must start with slash`]],
      [withPaths('/a//b'), [`${paths}[0]: Invalid value: "/a//b": must not contain double slash`]],
      [withPaths('/a*'), [`${paths}[0]: Invalid value: "/a*": wildcard can only do suffix matching`]],
    ],
  },
  {
    kind: ['flowcontrol.apiserver.k8s.io', 'prioritylevelconfigurations'],
    valid: {
      metadata: { name: 'low' },
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
    },
    update: [],
    create: [
      [
        { 'spec.type': 'Exempt', 'spec.limited': undefined },
        ["spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"],
      ],
      [
        { 'spec.limited': undefined },
        ['spec.limited: Required value: must not be empty when type is Limited'],
      ],
      [
        { 'spec.limited.lendablePercent': 101 },
        ['spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive'],
      ],
      [
        { 'spec.limited.limitResponse': { type: 'Reject', queuing: {} } },
        [
          'spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited',
        ],
      ],
      [
        { 'spec.limited.limitResponse.queuing': { queues: 512, handSize: 8 } },
        [
          'spec.limited.limitResponse.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60',
        ],
      ],
      [
        { 'spec.limited.limitResponse.queuing': { queues: 4, handSize: 8 } },
        [
          'spec.limited.limitResponse.queuing.handSize: Invalid value: 8: should not be greater than queues (4)',
        ],
      ],
    ],
  },
]);

const group = 'flowcontrol.apiserver.k8s.io';

for (const [resource, objects] of [
  ['prioritylevelconfigurations', [...mandatoryLevels, ...suggestedLevels]],
  ['flowschemas', [...mandatorySchemas, ...suggestedSchemas]],
] as const) {
  for (const object of objects) {
    test(`${resource} of every cluster – ${object.metadata!.name} – is valid`, () => {
      assert.deepEqual(createMessages(group, resource, object as never), []);
    });
  }
}

test('the mandatory level catch-all – changed – is invalid and shown as upstream shows it', () => {
  const [catchAll] = mandatoryLevels;
  const object = changed(catchAll as never, { 'spec.limited.nominalConcurrencyShares': 6 });
  assert.deepEqual(createMessages(group, 'prioritylevelconfigurations', object), [
    'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":6,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value',
  ]);
});
