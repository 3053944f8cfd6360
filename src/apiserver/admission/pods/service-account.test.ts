import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { systemEnv } from '#host/system-env.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { someone, testAdmission } from '../../testing/admission.ts';
import { serviceAccount } from './service-account.ts';

const clock = new VirtualClock();
const random = { bytes: (length: number) => new Uint8Array(length), uuid: () => 'u', float: () => 0 };
const env = { ...systemEnv(), clock, random };
const plugin = (reader: ObjectReader) => serviceAccount({ env, reader });

const account = (name: string, more: object = {}) =>
  [serviceAccounts, { metadata: { name, namespace: 'default' }, ...more }] as const;
const pod = (spec: Partial<PodSpec> = {}, annotations: Record<string, string> = {}) => {
  const { metadata, ...rest } = newPod('p', spec);
  return { metadata: { ...metadata, annotations }, ...rest };
};
const named = (name: string) => ({ serviceAccountName: name, serviceAccount: name });
const volume = 'kube-api-access-bbbbb';
const path = '/var/run/secrets/kubernetes.io/serviceaccount';
const mounted = newContainer({ volumeMounts: [{ name: volume, readOnly: true, mountPath: path }] });
const tokenVolume = {
  name: volume,
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
};
const withToken = { containers: [mounted], volumes: [tokenVolume] };
const no = { automountServiceAccountToken: false };
const mirror = { 'kubernetes.io/config.mirror': 'x' };
const enforced = (secrets: string[]) =>
  account('default', {
    metadata: {
      name: 'default',
      namespace: 'default',
      annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' },
    },
    secrets: secrets.map((name) => ({ name })),
    ...no,
  });
const secretVolume = { volumes: [{ name: 'v', secret: { secretName: 's' } }] };
const secretVariable = newContainer({
  env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
});
const forbidden = (why: string) => `403 pods "p" is forbidden: ${why}`;

const unlisted =
  'referencing secret.secretName="s" is not allowed because service account default does not reference that secret';
const ephemeral = {
  type: pods,
  operation: 'UPDATE',
  subresource: 'ephemeralcontainers',
  old: pod(named('default')),
} as const;

testAdmission('ServiceAccount', plugin, [
  {
    name: 'a pod that names none – it gets the default one and its token',
    type: pods,
    object: pod(),
    stored: [account('default')],
    changes: { spec: { ...named('default'), ...withToken } },
  },
  {
    name: 'a pod that names one – it gets its token',
    type: pods,
    object: pod({ serviceAccountName: 'a' }),
    stored: [account('a')],
    changes: { spec: { serviceAccount: 'a', ...withToken } },
  },
  {
    name: 'an account whose name is no part of a path – upstream’s client does not ask for it',
    type: pods,
    object: pod({ serviceAccountName: 'a/b' }),
    refusal: forbidden(
      'error looking up service account default/a/b: invalid resource name "a/b": [may not contain \'/\']',
    ),
  },
  {
    name: 'an account that is not there – it is refused',
    type: pods,
    object: pod({ serviceAccountName: 'a' }),
    refusal: forbidden('error looking up service account default/a: serviceaccount "a" not found'),
  },
  {
    name: 'a pod that wants no token – it gets none',
    type: pods,
    object: pod(no),
    stored: [account('default')],
    changes: { spec: named('default') },
  },
  {
    name: 'an account that gives no token – the pod gets none',
    type: pods,
    object: pod(),
    stored: [account('default', no)],
    changes: { spec: named('default') },
  },
  {
    name: 'a pod that wants one of an account that gives none – it gets it',
    type: pods,
    object: pod({ automountServiceAccountToken: true }),
    stored: [account('default', no)],
    changes: { spec: { ...named('default'), ...withToken } },
  },
  {
    name: 'a container that mounts something there – it keeps that, and no volume is added',
    type: pods,
    object: pod({ containers: [newContainer({ volumeMounts: [{ name: 'v', mountPath: path }] })] }),
    stored: [account('default')],
    changes: { spec: named('default') },
  },
  {
    name: 'pull secrets of the account – the pod gets them',
    type: pods,
    object: pod(no),
    stored: [account('default', { imagePullSecrets: [{ name: 's' }] })],
    changes: { spec: { ...named('default'), imagePullSecrets: [{ name: 's' }] } },
  },
  {
    name: 'pull secrets of its own – the pod keeps them',
    type: pods,
    object: pod({ ...no, imagePullSecrets: [{ name: 'own' }] }),
    stored: [account('default', { imagePullSecrets: [{ name: 's' }] })],
    changes: { spec: named('default') },
  },
  { name: 'a mirror pod – nothing changes', type: pods, object: pod({}, mirror) },
  {
    name: 'a mirror pod with an account – it is refused',
    type: pods,
    object: pod({ serviceAccountName: 'a' }, mirror),
    stored: [account('a')],
    refusal: forbidden('a mirror pod may not reference service accounts'),
  },
  {
    name: 'a secret that the account does not list, as a volume – it is refused',
    type: pods,
    object: pod(secretVolume),
    stored: [enforced([])],
    refusal: forbidden(
      'volume with secret.secretName="s" is not allowed because service account default does not reference that secret',
    ),
  },
  {
    name: 'a secret that the account does not list, as a variable – it is refused',
    type: pods,
    object: pod({ containers: [secretVariable] }),
    stored: [enforced([])],
    refusal: forbidden(
      'container c with envVar E referencing secret.secretName="s" is not allowed because service account default does not reference that secret',
    ),
  },
  {
    name: 'a secret that the account lists – it is admitted',
    type: pods,
    object: pod(secretVolume),
    stored: [enforced(['s'])],
    changes: { spec: named('default') },
  },
  {
    name: 'a mirror pod with a secret – it is refused',
    type: pods,
    object: pod(secretVolume, mirror),
    refusal: forbidden('a mirror pod may not reference secrets'),
  },
  {
    name: 'a mirror pod with a token – it is refused',
    type: pods,
    object: pod({ volumes: [tokenVolume] }, mirror),
    refusal: forbidden('a mirror pod may not use ServiceAccountToken volume projections'),
  },
  {
    name: 'a secret that the account does not list, of an init container – it is refused',
    type: pods,
    object: pod({ initContainers: [{ ...secretVariable, name: 'i' }] }),
    stored: [enforced([])],
    refusal: forbidden(`init container i with envVar E ${unlisted}`),
  },
  {
    name: 'a secret that the account does not list, as all variables – it is refused',
    type: pods,
    object: pod({ containers: [newContainer({ envFrom: [{ secretRef: { name: 's' } }] })] }),
    stored: [enforced([])],
    refusal: forbidden(`container c with envFrom ${unlisted}`),
  },
  {
    name: 'a pull secret that the account does not list – it is refused',
    type: pods,
    object: pod({ imagePullSecrets: [{ name: 's' }] }),
    stored: [enforced(['s'])],
    refusal: forbidden(
      'imagePullSecrets[0].name="s" is not allowed because service account default does not reference that imagePullSecret',
    ),
  },
  {
    name: 'a secret that the account does not list, of an ephemeral container – it is refused',
    ...ephemeral,
    object: pod({ ...named('default'), ephemeralContainers: [{ ...secretVariable, name: 'e' }] }),
    stored: [enforced([])],
    refusal: `500 ephemeral container e with envVar E ${unlisted}`,
  },
  {
    name: 'an ephemeral container with a secret that the account lists – it is admitted',
    ...ephemeral,
    object: pod({ ...named('default'), ephemeralContainers: [{ ...secretVariable, name: 'e' }] }),
    stored: [enforced(['s'])],
  },
  { name: 'an update – nothing changes', type: pods, operation: 'UPDATE', object: pod(), old: pod() },
]);

test('ServiceAccount – the default account comes a moment later – the pod waits for it', async () => {
  const found: AnyObject[] = [];
  const reader: ObjectReader = { list: () => found, get: () => found[0] };
  const object = pod(no) as AnyObject;
  const admitting = plugin(reader)[0]!.mutate!({
    operation: 'CREATE',
    type: pods,
    subresource: '',
    namespace: 'default',
    name: 'p',
    object,
    user: someone,
    dryRun: false,
    warn() {},
  });
  found.push({ metadata: { name: 'default', namespace: 'default' } });
  await clock.advance(100);
  await admitting;
  assert.equal((object['spec'] as { serviceAccountName?: string }).serviceAccountName, 'default');
});

test('ServiceAccount – the default account never comes – the pod is refused after about a second', async () => {
  const reader: ObjectReader = { list: () => [], get: () => undefined };
  const admitting = plugin(reader)[0]!.mutate!({
    operation: 'CREATE',
    type: pods,
    subresource: '',
    namespace: 'default',
    name: 'p',
    object: pod() as AnyObject,
    user: someone,
    dryRun: false,
    warn() {},
  }) as Promise<void>;
  const refused = assert.rejects(admitting, {
    message: forbidden(
      'error looking up service account default/default: serviceaccount "default" not found',
    ).slice(4),
  });
  await clock.advance(900);
  await refused;
});
