import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManifests } from './manifest.ts';

const place = { nodeName: 'node1', file: '/etc/manifests/web.yaml' };
const web = `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers: [{ name: main, image: web:1 }]
`;

test('a manifest – of a pod – is a pod of this node with defaults, a uid and a toleration', () => {
  const [pod] = readManifests(web, place);
  assert.ok(pod);
  const { uid, annotations, ...metadata } = pod.metadata;
  assert.deepEqual(metadata, { name: 'web-node1', namespace: 'default', labels: { app: 'web' } });
  assert.match(uid, /^[0-9a-f]{32}$/);
  assert.deepEqual(annotations, { 'kubernetes.io/config.hash': uid, 'kubernetes.io/config.source': 'file' });
  assert.equal(pod.spec.nodeName, 'node1');
  assert.equal(pod.spec.restartPolicy, 'Always');
  assert.deepEqual(pod.spec.tolerations, [{ operator: 'Exists', effect: 'NoExecute' }]);
  assert.deepEqual(pod.status, { phase: 'Pending' });
});

test('the uid of a static pod – of the same manifest – stays, and changes with content, file and node', () => {
  const uid = (text: string, where: Partial<typeof place> = {}) =>
    readManifests(text, { ...place, ...where })[0]?.metadata.uid;
  assert.equal(uid(web), uid(web));
  const others = [
    uid(web.replace('web:1', 'web:2')),
    uid(web, { file: '/etc/manifests/a.yaml' }),
    uid(web, { nodeName: 'node2' }),
  ];
  assert.equal(new Set([uid(web), ...others]).size, 4);
  assert.equal(uid(web.replace('labels:', 'uid: own, labels:')), 'own');
});

const spec = (more: string) => `${web}  ${more}\n`;
const volume = (source: string) => spec(`volumes: [{ name: v, ${source} }]`);

const invalid: [what: string, text: string, error: string][] = [
  ['nothing', '', "couldn't parse as pod(it is not of apiVersion v1, kind Pod), please check config file"],
  [
    'another kind',
    web.replace('kind: Pod', 'kind: Service'),
    "couldn't parse as pod(it is not of apiVersion v1, kind Pod), please check config file",
  ],
  ['no name', web.replace('name: web,', ''), 'invalid pod: name is needed for the pod'],
  [
    'a name that is a path',
    web.replace('name: web,', 'name: ../a,'),
    `invalid pod: metadata.name: Invalid value: "../a-node1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  ],
  [
    'a uid that is a path',
    web.replace('labels:', 'uid: ../../etc, labels:'),
    `invalid pod: metadata.uid: Invalid value: "../../etc": it must be at most 63 letters, digits, '-', '_' or '.', and begin with a letter or digit`,
  ],
  [
    'no containers',
    web.replace(/containers: .*/, 'containers: []'),
    'invalid pod: spec.containers: Required value',
  ],
  ['a service account', spec('serviceAccountName: a'), 'static pods may not reference serviceaccounts'],
  [
    'a secret of its environment',
    web.replace('image: web:1', 'image: web:1, envFrom: [{ secretRef: { name: s } }]'),
    'static pods may not reference secrets',
  ],
  ['a ConfigMap', volume('configMap: { name: c }'), 'static pods may not reference configmaps'],
  [
    'a claim',
    volume('persistentVolumeClaim: { claimName: c }'),
    'static pods may not reference persistentvolumeclaims',
  ],
  [
    'a token',
    volume('projected: { sources: [{ serviceAccountToken: { path: t } }] }'),
    'invalid pod: spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ],
];

for (const [what, text, message] of invalid) {
  test(`a manifest – with ${what} – is refused`, () =>
    assert.throws(
      () => readManifests(text, place),
      (error: Error) => {
        assert.equal(error.message, message);
        return true;
      },
    ));
}

test('a list of manifests – with more pods than any node runs – is refused', () => {
  const items = Array.from({ length: 1001 }, (_, i) => ({
    metadata: { name: `p${i}` },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  }));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items });
  assert.throws(() => readManifests(text, { nodeName: 'n', url: 'http://127.0.0.1/' }), {
    message: 'the list has more than 1000 pods',
  });
});
