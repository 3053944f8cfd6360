/** Validation of a pod that lacks any one of its fields gives errors and never throws. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessages } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../../meta/object.ts';
import { hard, soft } from '../../../pods/affinity-terms.ts';

const requirement = { key: 'k', operator: 'In', values: ['v'] };
const item = { key: 'k', path: 'p' };

/** A pod that uses every field. */
const rich: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'ns',
    ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'n', uid: 'u', controller: true }],
  },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i',
        ports: [{ containerPort: 80, name: 'a', protocol: 'TCP' }],
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1' } } },
          { name: 'C', valueFrom: { configMapKeyRef: { name: 'a', key: 'b' } } },
          { name: 'D', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
          { name: 'E', valueFrom: { fileKeyRef: { volumeName: 'e', path: 'p', key: 'k' } } },
        ],
        envFrom: [{ configMapRef: { name: 'x' } }, { secretRef: { name: 'y' } }],
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        livenessProbe: { httpGet: { port: 80, path: '/', httpHeaders: [{ name: 'X', value: 'y' }] } },
        readinessProbe: { tcpSocket: { port: 1 } },
        startupProbe: { grpc: { port: 1, service: 's' } },
        resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
        securityContext: {
          seccompProfile: { type: 'Localhost', localhostProfile: 'x' },
          appArmorProfile: { type: 'Localhost', localhostProfile: 'x' },
          capabilities: { add: ['X'] },
        },
      },
    ],
    tolerations: [{ key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 1 }],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'z',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchExpressions: [requirement] },
      },
    ],
    affinity: {
      nodeAffinity: {
        [hard]: {
          nodeSelectorTerms: [
            { matchExpressions: [requirement], matchFields: [{ ...requirement, key: 'metadata.name' }] },
          ],
        },
        [soft]: [{ weight: 1, preference: { matchExpressions: [requirement] } }],
      },
      podAffinity: {
        [hard]: [{ topologyKey: 'a', labelSelector: {} }],
        [soft]: [{ weight: 1, podAffinityTerm: { topologyKey: 'a', labelSelector: {} } }],
      },
    },
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['a'] }],
    imagePullSecrets: [{ name: 'a' }],
    readinessGates: [{ conditionType: 'a/b' }],
    schedulingGates: [{ name: 'a/b' }],
    dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a.b'], options: [{ name: 'ndots', value: '1' }] },
    os: { name: 'linux' },
    securityContext: {
      sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
      seccompProfile: { type: 'RuntimeDefault' },
    },
    resourceClaims: [{ name: 'r', resourceClaimName: 'x' }],
    volumes: [
      { name: 'v', hostPath: { path: '/v', type: 'Directory' } },
      { name: 'e', emptyDir: {} },
      { name: 'nfs', nfs: { server: 's', path: '/p' } },
      {
        name: 'iscsi',
        iscsi: { targetPortal: '1.2.3.4:80', iqn: 'iqn.2015-02.example.com:test', lun: 1 },
      },
      { name: 'cm', configMap: { name: 'a', items: [item] } },
      { name: 'sec', secret: { secretName: 'a', items: [item] } },
      {
        name: 'd',
        downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath: 'metadata.name' } }] },
      },
      {
        name: 'pr',
        projected: {
          sources: [
            { configMap: { name: 'a', items: [item] } },
            { secret: { name: 'a', items: [{ key: 'k', path: 'q' }] } },
            {
              downwardAPI: {
                items: [{ path: 'r', resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' } }],
              },
            },
          ],
        },
      },
      { name: 'gce', gcePersistentDisk: { pdName: 'p' } },
      { name: 'aws', awsElasticBlockStore: { volumeID: 'p' } },
      { name: 'git', gitRepo: { repository: 'p' } },
      { name: 'gl', glusterfs: { endpoints: 'p', path: 'a' } },
      { name: 'rbd', rbd: { monitors: ['p'], image: 'a' } },
      { name: 'quo', quobyte: { registry: 'a:1', volume: 'v' } },
      { name: 'flex', flexVolume: { driver: 'a' } },
      { name: 'cin', cinder: { volumeID: 'p' } },
      { name: 'ceph', cephfs: { monitors: ['p'] } },
      { name: 'flo', flocker: { datasetName: 'p' } },
      { name: 'fc', fc: { targetWWNs: ['p'], lun: 1 } },
      { name: 'azf', azureFile: { secretName: 'p', shareName: 'q' } },
      { name: 'vs', vsphereVolume: { volumePath: 'p' } },
      {
        name: 'azd',
        azureDisk: { diskName: 'p', diskURI: 'https://a.blob.core.windows.net/c/d.vhd' },
      },
      { name: 'ph', photonPersistentDisk: { pdID: 'p' } },
      { name: 'po', portworxVolume: { volumeID: 'p' } },
      { name: 'sio', scaleIO: { gateway: 'p', system: 's', secretRef: { name: 'a' }, volumeName: 'v' } },
      { name: 'sos', storageos: { volumeName: 'p', volumeNamespace: 'a' } },
      { name: 'csi', csi: { driver: 'p' } },
      { name: 'pvc', persistentVolumeClaim: { claimName: 'p' } },
      {
        name: 'eph',
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      },
      { name: 'img', image: { reference: 'a' } },
    ],
  },
};

test('a pod that uses every field – is valid', () => {
  assert.deepEqual(createMessages('', 'pods', rich), []);
});

type Keys = readonly (string | number)[];

/** A copy of `rich` for every part that can be missing. */
function* withoutOnePart(): Generator<[Keys, AnyObject]> {
  for (const keys of partsOf(rich, [])) {
    const copy = structuredClone(rich);
    let at = copy as unknown as Record<string, unknown>;
    for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
    if (Array.isArray(at)) at.splice(Number(keys.at(-1)), 1);
    else delete at[keys.at(-1)!];
    yield [keys, copy];
  }
}

function* partsOf(value: unknown, keys: Keys): Generator<Keys> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    yield [...keys, key];
    yield* partsOf(part, [...keys, key]);
  }
}

test('a pod – any part is missing – has messages, not a crash', () => {
  let parts = 0;
  for (const [keys, pod] of withoutOnePart()) {
    if (keys[0] !== 'spec' && keys.length < 2) continue;
    parts++;
    for (const message of createMessages('', 'pods', pod)) {
      assert.doesNotMatch(message, /undefined|"null"/, keys.join('.'));
    }
  }
  assert.ok(parts > 250, `${parts} parts`);
});
