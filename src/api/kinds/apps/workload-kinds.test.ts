/** Workloads and their network rules: which creations and updates are valid, with upstream's errors. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, runCases, strategyFor } from '#testing/kind-cases.ts';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};
const metadata = { name: 'web', namespace: 'default', uid: 'u1' };
const selector = { matchLabels: { app: 'web' } };

runCases([
  {
    kind: ['apps', 'deployments'],
    valid: { metadata, spec: { selector, template } },
    create: [
      [{ 'spec.replicas': -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
      [
        { 'spec.template.metadata.labels': { app: 'other' } },
        [
          'spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`',
        ],
      ],
      [
        { 'spec.template.spec.restartPolicy': 'Never' },
        ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
      ],
      [
        { 'spec.selector': undefined },
        [
          'spec.selector: Required value',
          'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
        ],
      ],
      [
        { 'spec.strategy': { type: 'Recreate', rollingUpdate: {} } },
        ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
      ],
      [
        { 'spec.strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
        ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
      ],
    ],
    update: [
      [{ 'spec.replicas': 3, 'spec.template.spec.containers.0.image': 'nginx:2' }, []],
      [
        { 'spec.selector': { matchLabels: { app: 'web', a: 'b' } }, 'spec.template.metadata.labels.a': 'b' },
        ['spec.selector: Invalid value: {"matchLabels":{"a":"b","app":"web"}}: field is immutable'],
      ],
    ],
  },
  {
    kind: ['apps', 'statefulsets'],
    valid: { metadata, spec: { selector, template, serviceName: 'web' } },
    create: [
      [
        { 'spec.podManagementPolicy': 'X' },
        ["spec.podManagementPolicy: Invalid value: \"X\": must be 'OrderedReady' or 'Parallel'"],
      ],
      [
        { 'spec.selector': { matchLabels: { 'a b': 'c' } } },
        [
          "spec.selector.matchLabels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
          'spec.selector: Invalid value: {"matchLabels":{"a b":"c"}}',
        ],
      ],
      [
        { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: '101%', partition: -1 } } },
        [
          'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
        ],
      ],
      [{ 'spec.serviceName': 'a.b' }, ['spec.serviceName: Invalid value: "a.b": must not contain dots']],
      [
        { 'spec.template.spec.initContainers': [{ name: 'x' }] },
        ['spec.template.spec.initContainers[0].image: Required value'],
      ],
      [
        { 'spec.volumeClaimTemplates': [{ metadata: { name: 'd' }, spec: {} }] },
        [
          'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
          'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
        ],
      ],
      [
        {
          'spec.template.spec.hostname': 'Set by the controller',
          'spec.template.spec.containers.0.volumeMounts': [{ name: 'd', mountPath: '/d' }],
          'spec.volumeClaimTemplates': [
            {
              metadata: { name: 'd' },
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
            },
          ],
        },
        [],
      ],
    ],
    update: [
      [{ 'spec.replicas': 2 }, []],
      [
        { 'spec.template.spec.containers.0.image': '' },
        ['spec.template.spec.containers[0].image: Required value'],
      ],
      [
        { 'spec.serviceName': 'x' },
        [
          "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ],
      ],
    ],
  },
  {
    kind: ['apps', 'daemonsets'],
    valid: { metadata, spec: { selector, template } },
    create: [
      [
        { 'spec.updateStrategy': { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
        [
          'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
        ],
      ],
      [
        { 'spec.updateStrategy': { rollingUpdate: { maxSurge: -1, maxUnavailable: '200%' } } },
        [
          'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0',
          'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%',
          'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: -1: may not be set when maxUnavailable is non-zero',
        ],
      ],
      [
        { 'spec.updateStrategy': { type: 'X' } },
        [
          'spec.updateStrategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
        ],
      ],
      [
        { 'spec.template': undefined },
        [
          'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
          'spec.template.spec.containers: Required value',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['', 'replicationcontrollers'],
    valid: { metadata, spec: { selector: { app: 'web' }, template } },
    create: [
      [
        { 'spec.selector': { '': 'x' } },
        [
          'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['batch', 'jobs'],
    valid: { metadata, spec: { template: changed(template, { 'spec.restartPolicy': 'Never' }) } },
    create: [
      [
        { 'spec.template.spec.restartPolicy': 'Always' },
        ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
      ],
      [
        { 'spec.template.metadata.labels': { 'batch.kubernetes.io/job-name': 'other' } },
        [
          'spec.template.metadata.labels[batch.kubernetes.io/job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u1","batch.kubernetes.io/job-name":"other","controller-uid":"u1","job-name":"web"}: must be \'web\'',
        ],
      ],
    ],
    update: [
      [
        { 'spec.template': undefined },
        [
          "spec.template.metadata.labels[controller-uid]: Required value: must be 'u1'",
          "spec.template.metadata.labels[job-name]: Required value: must be 'web'",
          "spec.template.metadata.labels[batch.kubernetes.io/controller-uid]: Required value: must be 'u1'",
          "spec.template.metadata.labels[batch.kubernetes.io/job-name]: Required value: must be 'web'",
          'spec.template: Required value',
          'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
        ],
      ],
    ],
  },
  {
    kind: ['batch', 'cronjobs'],
    valid: {
      metadata,
      spec: {
        schedule: '*/5 1-3 * jan,feb mon',
        jobTemplate: { spec: { template: changed(template, { 'spec.restartPolicy': 'Never' }) } },
      },
    },
    create: [
      [
        { 'spec.schedule': '* * * *' },
        ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
      ],
      [
        { 'spec.schedule': '61 * * * *' },
        ['spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
      ],
    ],
    update: [],
  },
  {
    kind: ['networking.k8s.io', 'ingresses'],
    valid: {
      metadata,
      spec: {
        rules: [
          {
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
    create: [
      [{ spec: {} }, ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified']],
      [
        { 'spec.rules.0.http.paths.0.pathType': undefined },
        ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
      ],
      [
        { 'spec.rules.0.http.paths.0.pathType': '' },
        [
          'spec.rules[0].http.paths[0].pathType: Unsupported value: "": supported values: "Exact", "ImplementationSpecific", "Prefix"',
        ],
      ],
      [
        { 'spec.defaultBackend': { resource: { apiGroup: null, kind: 'a/b', name: '' } } },
        [
          'spec.defaultBackend.resource.kind: Invalid value: "a/b": may not contain \'/\'',
          'spec.defaultBackend.resource.name: Required value',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['networking.k8s.io', 'networkpolicies'],
    valid: {
      metadata,
      spec: {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      },
    },
    create: [
      [
        { 'spec.ingress.0.from.0.ipBlock.except': ['11.0.0.0/16'] },
        [
          'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
        ],
      ],
    ],
    update: [],
  },
]);

test('a replication controller – updated – causes the warnings of its former template', () => {
  const controllerOf = (generation: number, volumes: object[]) =>
    ({ metadata: { generation }, spec: { template: { spec: { volumes } } } }) as object;
  const [plain, old] = [controllerOf(2, []), controllerOf(1, [{ name: 'v', rbd: {} }])];
  const { warnings } = strategyFor('', 'replicationcontrollers');
  const text = ['spec.template.spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+'];
  assert.deepEqual(warnings!(plain, old), text);
  assert.deepEqual(warnings!(controllerOf(2, [{ name: 'v', rbd: {} }]), controllerOf(1, [])), []);
  assert.deepEqual(warnings!(old), text);
});
