/** Failure and success policies of a Job, and the limits of indexed Jobs. */

import { runCases } from '#testing/kind-cases.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u1' };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx' }] },
};
const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2 };
const failOn = (rule: object) => ({ 'spec.podFailurePolicy': { rules: [rule] } });
const succeedOn = (rule: object) => ({ 'spec.successPolicy': { rules: [rule] } });
const rule = 'spec.podFailurePolicy.rules[0]';
const success = 'spec.successPolicy.rules[0]';

runCases([
  {
    kind: ['batch', 'jobs'],
    valid: { metadata, spec: { ...indexed, template } },
    create: [
      [failOn({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }), []],
      [failOn({ action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 2] } }), []],
      [
        failOn({ action: 'FailJob' }),
        [`${rule}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
      ],
      [
        failOn({
          action: 'Panic',
          onExitCodes: { operator: 'In', containerName: 'x', values: [3, 0, 3] },
          onPodConditions: [{ type: 'Ready' }, { type: 'x', status: 'Maybe' }],
        }),
        [
          `${rule}.action: Unsupported value: "Panic": supported values: "Count", "FailIndex", "FailJob", "Ignore"`,
          `${rule}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
          `${rule}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
          `${rule}.onExitCodes.values[2]: Duplicate value: 3`,
          `${rule}.onExitCodes.values: Invalid value: [3,0,3]: must be ordered`,
          `${rule}.onPodConditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
          `${rule}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`,
        ],
      ],
      [
        failOn({ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }),
        [`${rule}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
      ],
      [succeedOn({ succeededIndexes: '0,2-4', succeededCount: 4 }), []],
      [
        succeedOn({}),
        [`${success}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
      ],
      [
        succeedOn({ succeededIndexes: '2,1', succeededCount: 6 }),
        [
          `${success}.succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1`,
          `${success}.succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)`,
          `${success}.succeededCount: Invalid value: 6: must be less than or equal to 0 (the number of indexes in the specified succeededIndexes field)`,
        ],
      ],
      [
        succeedOn({ succeededIndexes: '0-5' }),
        [
          `${success}.succeededIndexes: Invalid value: "0-5": error parsing succeededIndexes: too large index: "5"`,
        ],
      ],
      [
        {
          'spec.completionMode': 'NonIndexed',
          ...succeedOn({ succeededCount: 1 }),
          'spec.maxFailedIndexes': 1,
        },
        [
          'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
          'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
          'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
        ],
      ],
      [
        { 'spec.completions': 100_001, 'spec.backoffLimitPerIndex': 1, 'spec.parallelism': 10_001 },
        [
          'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
          'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
        ],
      ],
      [
        { 'spec.podReplacementPolicy': 'Now' },
        [
          'spec.podReplacementPolicy: Unsupported value: "Now": supported values: "Failed", "TerminatingOrFailed"',
        ],
      ],
      [
        { 'spec.managedBy': 'me' },
        ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
      ],
      [
        { 'metadata.name': `${'a'.repeat(60)}.b` },
        [
          `metadata.name: Invalid value: "${'a'.repeat(60)}.b": will not able to create pod with invalid DNS label: ${'a'.repeat(60)}.b-4`,
        ],
      ],
    ],
    update: [],
  },
]);
