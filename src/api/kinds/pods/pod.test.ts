import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, createMessages, strategyFor, updateMessages } from '#testing/kind-cases.ts';
import type { Pod } from '../../generated/types.gen.ts';
import type { AnyObject } from '../../meta/object.ts';

const plain: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};

test('a pod – created – gets the defaults of every part', () => {
  const pod = created('', 'pods', {
    ...plain,
    spec: {
      hostNetwork: true,
      serviceAccountName: 'builder',
      containers: [
        {
          name: 'c',
          image: 'registry:5000/nginx:1.27',
          ports: [{ containerPort: 80 }],
          resources: { limits: { cpu: '1', memory: '64Mi' } },
          env: [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
          livenessProbe: { httpGet: { port: 80 } },
          readinessProbe: { grpc: { port: 81 } },
          lifecycle: { preStop: { httpGet: { port: 80 } } },
        },
      ],
      initContainers: [{ name: 'i', image: 'busybox' }],
      volumes: [
        { name: 'scratch' },
        { name: 'secret', secret: { secretName: 's' } },
        { name: 'all', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        { name: 'host', hostPath: { path: '/tmp' } },
      ],
    },
  }) as Pod;
  const [container] = pod.spec!.containers;
  assert.deepEqual(container?.ports, [{ containerPort: 80, protocol: 'TCP', hostPort: 80 }]);
  assert.equal(container?.imagePullPolicy, 'IfNotPresent');
  assert.deepEqual(container?.resources?.requests, { cpu: '1', memory: '64Mi' });
  assert.equal(container?.env?.[0]?.valueFrom?.fieldRef?.apiVersion, 'v1');
  assert.deepEqual(container?.livenessProbe, {
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  assert.equal(container?.readinessProbe?.grpc?.service, '');
  assert.equal(container?.lifecycle?.preStop?.httpGet?.scheme, 'HTTP');
  assert.equal(pod.spec!.initContainers?.[0]?.imagePullPolicy, 'Always');
  assert.deepEqual(pod.spec!.volumes, [
    { name: 'scratch', emptyDir: {} },
    { name: 'secret', secret: { secretName: 's', defaultMode: 420 } },
    {
      name: 'all',
      projected: {
        defaultMode: 420,
        sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }],
      },
    },
    { name: 'host', hostPath: { path: '/tmp', type: '' } },
  ]);
  assert.equal(pod.spec!.serviceAccount, 'builder');
  assert.equal(pod.spec!.enableServiceLinks, true);
  assert.equal(pod.status!.phase, 'Pending');
  assert.equal(pod.status!.qosClass, 'Burstable');
});

test('a pod – defaulted twice – does not change', () => {
  const once = created('', 'pods', plain);
  const twice = structuredClone(once);
  strategyFor('', 'pods').setDefaults!(twice);
  assert.deepEqual(twice, once);
});

const creations: [string, Record<string, unknown>, string[]][] = [
  ['a plain pod', {}, []],
  ['no containers', { 'spec.containers': [] }, ['spec.containers: Required value']],
  [
    'a container without name and image',
    { 'spec.containers.0': {} },
    ['spec.containers[0].name: Required value', 'spec.containers[0].image: Required value'],
  ],
  [
    'a bad name',
    { 'metadata.name': 'Web' },
    [
      "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'no name',
    { 'metadata.name': undefined },
    ['metadata.name: Required value: name or generateName is required'],
  ],
  [
    'an unknown volume',
    { 'spec.containers.0.volumeMounts': [{ name: 'v', mountPath: '/v' }] },
    ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  ],
  [
    'two sources in a volume',
    { 'spec.volumes': [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'more asked than allowed',
    { 'spec.containers.0.resources': { requests: { cpu: '1500m' }, limits: { cpu: '1' } } },
    [
      'spec.containers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1',
    ],
  ],
  [
    'an unknown restart policy',
    { 'spec.restartPolicy': 'Sometimes' },
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    'a probe without handler',
    { 'spec.containers.0.livenessProbe': { periodSeconds: 1 } },
    ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
  ],
  [
    'a toleration of everything without Exists',
    { 'spec.tolerations': [{ effect: 'NoSchedule' }] },
    [
      'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'an env var from nowhere',
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: {} }] },
    [
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
  ],
  [
    'a field that cannot be read',
    { 'spec.containers.0.env': [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } }] },
    [
      'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo',
    ],
  ],
  [
    'a port out of range',
    { 'spec.containers.0.ports': [{ containerPort: 65536 }] },
    [
      'spec.containers[0].ports[0].containerPort: Invalid value: 65536: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'a gated pod on a node',
    { 'spec.schedulingGates': [{ name: 'wait' }], 'spec.nodeName': 'n' },
    ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  ],
  [
    'an init container with a probe',
    { 'spec.initContainers': [{ name: 'i', image: 'x', livenessProbe: { exec: { command: ['a'] } } }] },
    [
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
];

for (const [what, changes, messages] of creations) {
  test(`a pod created – ${what} – has its messages`, () => {
    assert.deepEqual(createMessages('', 'pods', changed(plain, changes)), messages);
  });
}

const fixedText =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';

const updates: [string, Record<string, unknown>, string[]][] = [
  ['image', { 'spec.containers.0.image': 'busybox' }, []],
  ['labels', { 'metadata.labels': { app: 'x' } }, []],
  ['one more toleration', { 'spec.tolerations': [{ key: 'a', operator: 'Exists' }] }, []],
  [
    'hostname',
    { 'spec.hostname': 'h' },
    [
      `${fixedText}@@ -64,7 +64,7 @@\n   "SELinuxChangePolicy": null\n  },\n  "ImagePullSecrets": null,\n- "Hostname": "",\n+ "Hostname": "h",\n  "Subdomain": "",\n  "SetHostnameAsFQDN": null,\n  "Affinity": null,\n`,
    ],
  ],
  [
    'one more container',
    { 'spec.containers.1': { name: 'd', image: 'x' } },
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  ],
  [
    'a new gate',
    { 'spec.schedulingGates': [{ name: 'g' }] },
    ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"],
  ],
  ['name', { 'metadata.name': 'other' }, ['metadata.name: Invalid value: "other": field is immutable']],
];

for (const [what, changes, messages] of updates) {
  test(`a pod updated – ${what} – has its messages`, () => {
    assert.deepEqual(updateMessages('', 'pods', changed(plain, changes), plain), messages);
  });
}

test('a pod deleted – with processes, without – gets its grace period, none', () => {
  const strategy = strategyFor('', 'pods');
  const seconds = (pod: AnyObject, asked?: number) => strategy.gracefulDeletionSeconds!(pod, asked);
  const onNode = changed(created('', 'pods', plain), { 'spec.nodeName': 'n' });
  assert.equal(seconds(onNode), 30);
  assert.equal(seconds(onNode, 5), 5);
  assert.equal(seconds(onNode, 0), 0);
  assert.equal(seconds(onNode, -1), 1);
  assert.equal(seconds(created('', 'pods', plain)), 0);
  assert.equal(seconds(changed(onNode, { 'status.phase': 'Succeeded' })), 0);
});

test('a write to the status – moves or revives the pod – does not', () => {
  const strategy = strategyFor('', 'pods');
  const old = changed(created('', 'pods', plain), {
    'spec.restartPolicy': 'Never',
    'status.containerStatuses': [{ name: 'c', state: { terminated: { exitCode: 0 } } }],
  });
  const now = changed(old, {
    'status.containerStatuses': [{ name: 'c', state: { running: {} } }],
    'spec.nodeName': 'x',
  });
  strategy.prepareForStatusUpdate!(now, old, '2026-01-01T00:00:00Z');
  const errors = strategy.validateStatusUpdate!(now, old);
  assert.deepEqual(
    errors.map((error) => `${error.field}: ${error.detail}`),
    ['status.containerStatuses[0].state: may not be transitioned to non-terminated state'],
  );
});

test('a pod – with fields that are probably a mistake – causes warnings', () => {
  const pod = changed(plain, { 'spec.containers.0.env': [{ name: 'A' }, { name: 'A', value: 'b' }] });
  assert.deepEqual(strategyFor('', 'pods').warnings!(pod), [
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
});

test('a negative grace period – of a pod, of a template – becomes one second, stays with a warning', () => {
  const period = (pod: AnyObject) => (pod as Pod).spec?.terminationGracePeriodSeconds;
  const negative = { 'spec.terminationGracePeriodSeconds': -1 };
  assert.equal(period(created('', 'pods', changed(plain, negative))), 1);
  const old = created('', 'pods', changed(plain, { 'spec.terminationGracePeriodSeconds': 1 }));
  assert.deepEqual(updateMessages('', 'pods', changed(old, negative), old), []);
  const template = { metadata: { labels: { a: 'b' } }, spec: changed(plain, negative)['spec'] };
  const set = { metadata: { name: 'web' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
  const { spec } = created('apps', 'deployments', set as AnyObject) as { spec: { template: AnyObject } };
  assert.equal(period(spec.template), -1);
});
