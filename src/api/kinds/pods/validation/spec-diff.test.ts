import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strategyFor } from '#testing/kind-cases.ts';
import type { Pod, PodSpec } from '../../../generated/types.gen.ts';
import type { AnyObject } from '../../../meta/object.ts';
import { describeChanges } from './spec-diff.ts';

/** The pod of `kubectl run nginx --image=nginx`, with the volume that admission adds. */
function runningPod(): PodSpec {
  const mount = {
    name: 'kube-api-access-x',
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
  const tolerations = ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
  return defaulted({
    serviceAccountName: 'default',
    nodeName: 'controlplane',
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    tolerations,
    containers: [{ name: 'nginx', image: 'nginx', volumeMounts: [mount] }],
    volumes: [
      {
        name: mount.name,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            {
              downwardAPI: {
                items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }],
              },
            },
          ],
        },
      },
    ],
  });
}

function defaulted(spec: PodSpec): PodSpec {
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nginx' }, spec };
  strategyFor('', 'pods').setDefaults!(pod as AnyObject);
  return pod.spec!;
}

const hunks = (text: string) => text.match(/^@@.*@@$/gm);

test('a spec diff – the token volume is missing – has the lines of a 1.35 cluster', () => {
  const before = runningPod();
  const after = structuredClone(before);
  delete after.volumes;
  delete after.containers[0]!.volumeMounts;
  delete after.serviceAccountName;
  after.nodeName = 'node01';
  const text = describeChanges(before, after, 'PodSpec');
  assert.deepEqual(hunks(text), ['@@ -1,93 +1,5 @@', '@@ -107,17 +19,7 @@', '@@ -138,9 +40,9 @@']);
  assert.equal(text.split('\n')[2], '- "Volumes": [');
  assert.match(text, /\n\+ {3}"VolumeMounts": null,\n/);
  assert.match(text, /\n- "NodeName": "controlplane",\n\+ "NodeName": "node01",\n/);
});

test('a spec diff – of tens of thousands of values – is not made', () => {
  const after = runningPod();
  after.containers[0]!.env = Array.from({ length: 10_000 }, (_, i) => ({ name: `n${i}`, value: 'v' }));
  assert.equal(describeChanges(runningPod(), after, 'PodSpec'), '... (too long to be compared)\n');
});

test('a spec diff – no change – is empty', () => {
  assert.equal(describeChanges(runningPod(), runningPod(), 'PodSpec'), '');
});

test('a spec diff – a null map gets a key – is three lines', () => {
  const after = { ...runningPod(), nodeSelector: { type: 'virtual' } };
  const lines = describeChanges(runningPod(), after, 'PodSpec').split('\n');
  assert.match(lines[0]!, /^@@ -\d+,7 \+\d+,9 @@$/);
  assert.deepEqual(
    lines.filter((line) => /^[-+]/.test(line)),
    ['- "NodeSelector": null,', '+ "NodeSelector": {', '+  "type": "virtual"', '+ },'],
  );
});
