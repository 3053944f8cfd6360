/** Deployments and ReplicaSets, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, createMessages, runCases, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';

const metadata = { name: 'abc', namespace: 'default', uid: 'u1' };
const template = {
  metadata: { labels: { name: 'abc' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};
const spec = { selector: { matchLabels: { name: 'abc' } }, template };
const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } };

const labels = 'spec.template.metadata.labels';
const noMatch = '`selector` does not match template `labels`';
const wrongName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const noPercent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const rollingPath = 'spec.strategy.rollingUpdate';
const strategyOf = (rollingUpdate: object) => ({ 'spec.strategy': { type: 'RollingUpdate', rollingUpdate } });

type Case = [Record<string, unknown>, string[]];

/** Cases of selector and template for both kinds. */
const selectorCases: Case[] = [
  [{ 'spec.replicas': -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  [
    { 'spec.minReadySeconds': -1 },
    ['spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    { 'spec.selector': undefined },
    ['spec.selector: Required value', `${labels}: Invalid value: {"name":"abc"}: ${noMatch}`],
  ],
  [{ 'spec.selector': {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
  [{ 'spec.selector.matchLabels.name': 'def' }, [`${labels}: Invalid value: {"name":"abc"}: ${noMatch}`]],
  [{ 'spec.template.metadata': undefined }, [`${labels}: Invalid value: null: ${noMatch}`]],
  // With an invalid selector the template's labels are not compared.
  [
    { 'spec.selector': { matchLabels: { 'a=b': 'c' } } },
    [
      `spec.selector.matchLabels: Invalid value: "a=b": ${wrongName}`,
      'spec.selector: Invalid value: {"matchLabels":{"a=b":"c"}}: invalid label selector',
    ],
  ],
  [
    { 'spec.selector': { matchExpressions: [{ key: 'name', operator: 'In' }] } },
    [
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"name","operator":"In"}]}: invalid label selector',
    ],
  ],
  [
    { 'spec.template.metadata.labels': { 'a=b': 'c' } },
    [
      `${labels}: Invalid value: {"a=b":"c"}: ${noMatch}`,
      `spec.template.labels: Invalid value: "a=b": ${wrongName}`,
    ],
  ],
  [{ 'spec.template.spec.containers': [] }, ['spec.template.spec.containers: Required value']],
  [
    { 'spec.template': undefined },
    [`${labels}: Invalid value: null: ${noMatch}`, 'spec.template.spec.containers: Required value'],
  ],
  ...['OnFailure', 'Never'].map(
    (policy): Case => [
      { 'spec.template.spec.restartPolicy': policy },
      [`spec.template.spec.restartPolicy: Unsupported value: "${policy}": supported values: "Always"`],
    ],
  ),
  [
    { 'spec.template.spec.activeDeadlineSeconds': 5 },
    [
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
  ],
  [
    { 'spec.template.spec.ephemeralContainers': [{ name: 'ec', image: 'image' }] },
    ['spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template'],
  ],
  [{ 'metadata.labels': { 'a=b': 'bar' } }, [`metadata.labels: Invalid value: "a=b": ${wrongName}`]],
  [
    { 'metadata.annotations': { 'a=b': 'bar' } },
    [`metadata.annotations: Invalid value: "a=b": ${wrongName}`],
  ],
  [{ 'metadata.namespace': undefined }, ['metadata.namespace: Required value']],
  [{ 'metadata.name': undefined }, ['metadata.name: Required value: name or generateName is required']],
];

const updateCases: Case[] = [
  [{ 'spec.replicas': 3 }, []],
  [{ 'spec.replicas': -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  [
    { 'spec.selector.matchLabels': { other: 'a' }, 'spec.template.metadata.labels.other': 'a' },
    ['spec.selector: Invalid value: {"matchLabels":{"other":"a"}}: field is immutable'],
  ],
];

runCases([
  {
    kind: ['apps', 'deployments'],
    valid: { metadata, spec: { ...spec, strategy: rolling } },
    create: [
      ...selectorCases,
      [
        {
          'spec.template.spec.hostNetwork': true,
          'spec.template.spec.containers.0.ports': [{ containerPort: 12345 }],
        },
        [],
      ],
      [
        { 'spec.strategy': { type: 'randomType' } },
        [
          'spec.strategy: Unsupported value: {"Type":"randomType","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
        ],
      ],
      [
        { 'spec.strategy': { type: 'randomType', rollingUpdate: { maxSurge: '20%' } } },
        [
          'spec.strategy: Unsupported value: {"Type":"randomType","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":"20%"}}: supported values: "Recreate", "RollingUpdate"',
        ],
      ],
      [
        { 'spec.strategy': { type: 'Recreate', rollingUpdate: {} } },
        [`${rollingPath}: Forbidden: may not be specified when strategy \`type\` is 'Recreate'`],
      ],
      [
        strategyOf({ maxSurge: '20Percent' }),
        [`${rollingPath}.maxSurge: Invalid value: "20Percent": ${noPercent}`],
      ],
      [
        strategyOf({ maxSurge: '0%', maxUnavailable: 0 }),
        [`${rollingPath}.maxUnavailable: Invalid value: 0: may not be 0 when \`maxSurge\` is 0`],
      ],
      // A value that is neither number nor percentage counts as 0.
      [
        strategyOf({ maxSurge: 'some', maxUnavailable: 0 }),
        [
          `${rollingPath}.maxSurge: Invalid value: "some": ${noPercent}`,
          `${rollingPath}.maxUnavailable: Invalid value: 0: may not be 0 when \`maxSurge\` is 0`,
        ],
      ],
      [
        strategyOf({ maxUnavailable: '110%' }),
        [`${rollingPath}.maxUnavailable: Invalid value: "110%": must not be greater than 100%`],
      ],
      [
        strategyOf({ maxUnavailable: -1, maxSurge: -2 }),
        [
          `${rollingPath}.maxUnavailable: Invalid value: -1: must be greater than or equal to 0`,
          `${rollingPath}.maxSurge: Invalid value: -2: must be greater than or equal to 0`,
        ],
      ],
      [
        { 'spec.progressDeadlineSeconds': 600, 'spec.minReadySeconds': 600 },
        ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
      ],
      [
        { 'spec.progressDeadlineSeconds': -1 },
        [
          'spec.progressDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
          'spec.progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds',
        ],
      ],
      [
        { 'spec.revisionHistoryLimit': -1 },
        ['spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0'],
      ],
    ],
    update: updateCases,
  },
  {
    kind: ['apps', 'replicasets'],
    valid: { metadata, spec },
    create: [...selectorCases, [{ 'metadata.name': 'abc-123', 'spec.replicas': 0 }, []]],
    update: updateCases,
  },
]);

type Counts = Record<string, number | undefined>;

function statusMessages(resource: string, status: Counts, before: Counts = {}): string[] {
  const object = { metadata, spec, status } as AnyObject;
  const old = { metadata, spec, status: before } as AnyObject;
  const errors = strategyFor('apps', resource).validateStatusUpdate!(object, old);
  return errors.map((error) => fieldErrorMessage(error));
}

const good = { replicas: 3, readyReplicas: 2, availableReplicas: 1, observedGeneration: 2 };

const tooSmall = (key: string, value = -1) =>
  `status.${key}: Invalid value: ${value}: must be greater than or equal to 0`;
const tooMany = (key: string, value: number, whole = 'status.replicas') =>
  `status.${key}: Invalid value: ${value}: cannot be greater than ${whole}`;

const wrongStatus: readonly [string, part: string, Counts, string[]][] = (
  [
    ['deployments', 'updatedReplicas'],
    ['replicasets', 'fullyLabeledReplicas'],
  ] as const
).flatMap(([resource, part]): [string, string, Counts, string[]][] => [
  [resource, part, { ...good, [part]: 3 }, []],
  [
    resource,
    part,
    { ...good, replicas: -1, readyReplicas: -2, availableReplicas: -2 },
    [
      tooSmall('replicas'),
      tooSmall('readyReplicas', -2),
      tooSmall('availableReplicas', -2),
      tooMany(part, 0),
    ],
  ],
  [resource, part, { ...good, [part]: -1 }, [tooSmall(part)]],
  [
    resource,
    part,
    { ...good, readyReplicas: -1 },
    [tooSmall('readyReplicas'), tooMany('availableReplicas', 1, 'readyReplicas')],
  ],
  [resource, part, { ...good, availableReplicas: -1 }, [tooSmall('availableReplicas')]],
  [resource, part, { ...good, observedGeneration: -1 }, [tooSmall('observedGeneration')]],
  [resource, part, { ...good, [part]: 4 }, [tooMany(part, 4)]],
  [resource, part, { ...good, readyReplicas: 4 }, [tooMany('readyReplicas', 4)]],
  [
    resource,
    part,
    { ...good, readyReplicas: 3, availableReplicas: 4 },
    [tooMany('availableReplicas', 4), tooMany('availableReplicas', 4, 'readyReplicas')],
  ],
  [resource, part, { ...good, availableReplicas: 3 }, [tooMany('availableReplicas', 3, 'readyReplicas')]],
]);

for (const [resource, , status, messages] of wrongStatus) {
  test(`${resource} status – ${JSON.stringify(status)} – has its messages`, () => {
    assert.deepEqual(statusMessages(resource, status), messages);
  });
}

const decremented = (value: number) =>
  `status.collisionCount: Invalid value: ${value}: cannot be decremented`;
const collisions: readonly [before: number | undefined, now: number | undefined, string[]][] = [
  [undefined, 1, []],
  [1, 1, []],
  [undefined, undefined, []],
  [1, undefined, [decremented(0)]],
  [2, 1, [decremented(1)]],
  [undefined, -3, [tooSmall('collisionCount', -3)]],
];

for (const [before, now, messages] of collisions) {
  test(`deployments status – ${before} collisions become ${now} – has its messages`, () => {
    const found = statusMessages('deployments', { ...good, collisionCount: now }, { collisionCount: before });
    assert.deepEqual(found, messages);
  });
}

test('a deployment without spec – lacks selector and containers', () => {
  assert.deepEqual(createMessages('apps', 'deployments', { metadata } as AnyObject), [
    'spec.selector: Required value',
    `${labels}: Invalid value: null: ${noMatch}`,
    'spec.template.spec.containers: Required value',
  ]);
});

test('defaults of a deployment – given and absent fields – stay, come with their type', () => {
  const given = { replicas: 0, revisionHistoryLimit: 0, progressDeadlineSeconds: 1, paused: true };
  const kept = created('apps', 'deployments', { metadata, spec: { ...spec, ...given } } as AnyObject);
  const partOf = (object: AnyObject, keys: string[]) =>
    Object.fromEntries(keys.map((key) => [key, (object['spec'] as Record<string, unknown>)[key]]));
  assert.deepEqual(partOf(kept, Object.keys(given)), given);
  const filled = created('apps', 'deployments', { metadata, spec } as AnyObject);
  const keys = ['replicas', 'revisionHistoryLimit', 'progressDeadlineSeconds', 'strategy', 'minReadySeconds'];
  assert.deepEqual(partOf(filled, keys), {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    minReadySeconds: undefined,
  });
  const half = changed({ metadata, spec } as AnyObject, {
    'spec.strategy': { rollingUpdate: { maxSurge: 0 } },
  });
  assert.deepEqual(partOf(created('apps', 'deployments', half), ['strategy']), {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } },
  });
  const recreate = changed({ metadata, spec } as AnyObject, { 'spec.strategy': { type: 'Recreate' } });
  assert.deepEqual(partOf(created('apps', 'deployments', recreate), ['strategy']), {
    strategy: { type: 'Recreate' },
  });
});
