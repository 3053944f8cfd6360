/** ServiceAccounts: as objects, their tokens, and what pods get of both. */

import assert from 'node:assert/strict';
import { createPublicKey, verify, type webcrypto } from 'node:crypto';
import {
  clusterRoleBindings,
  configMaps,
  pods,
  serviceAccounts,
  tokenReviews,
} from '#api/generated/kinds.gen.ts';
import type { Pod, TokenRequest, TokenReviewStatus } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { podOf, shell, start } from '../common/running.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone } from '../shared/workloads.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

async function createAccount(
  { client, namespace }: BehaviourContext,
  name: string,
  automountServiceAccountToken?: boolean,
): Promise<void> {
  const choice = automountServiceAccountToken === undefined ? {} : { automountServiceAccountToken };
  await client.create(serviceAccounts, { metadata: { name, namespace }, ...choice });
}

async function review({ client }: BehaviourContext, token: string): Promise<TokenReviewStatus> {
  const { status } = await client.create(tokenReviews, { spec: { token } });
  assert.equal(status?.error ?? '', '');
  return status!;
}

/** The token is known as one of this account. */
async function isTokenOf(context: BehaviourContext, account: string, token: string): Promise<void> {
  const { namespace } = context;
  const { authenticated, user } = await review(context, token);
  assert.equal(authenticated, true);
  assert.equal(user?.username, `system:serviceaccount:${namespace}:${account}`);
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  assert.deepEqual([...(user?.groups ?? [])].sort(), groups);
}

async function mountsToken(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createAccount(context, 'mounted');
  await start(context, podOf(context, 'holder', {}, { serviceAccountName: 'mounted' }));
  const read = (file: string) => context.exec('holder', ['cat', `${mountPath}/${file}`]);
  await isTokenOf(context, 'mounted', await read('token'));
  const { data } = await client.get(configMaps, { namespace, name: 'kube-root-ca.crt' });
  assert.equal(await read('ca.crt'), data?.['ca.crt']);
  assert.equal(await read('namespace'), namespace);
}

const optOuts: readonly { pod?: boolean; account?: boolean; mounted: boolean }[] = [
  { mounted: true },
  { account: true, mounted: true },
  { account: false, mounted: false },
  { pod: true, mounted: true },
  { pod: true, account: true, mounted: true },
  { pod: true, account: false, mounted: true },
  { pod: false, mounted: false },
  { pod: false, account: true, mounted: false },
  { pod: false, account: false, mounted: false },
];

function mountsOf({ spec }: Pod): string[] {
  return (spec?.containers ?? []).flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map((mount) => mount.mountPath),
  );
}

async function optsOut(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const accounts = [undefined, true, false];
  for (const choice of accounts) await createAccount(context, `account-${choice}`, choice);
  for (const { pod, account, mounted } of optOuts) {
    const choice = pod === undefined ? {} : { automountServiceAccountToken: pod };
    const spec = { serviceAccountName: `account-${account}`, ...choice };
    const made = await client.create(pods, podOf(context, `pod-${pod}-account-${account}`, {}, spec));
    assert.equal(mountsOf(made).includes(mountPath), mounted, made.metadata.name);
  }
}

async function projects(context: BehaviourContext): Promise<void> {
  const serviceAccountToken = { path: 'token', expirationSeconds: 600 };
  const pod = podOf(
    context,
    'holder',
    { volumeMounts: [{ name: 'token', mountPath: '/test' }] },
    { volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken }] } }] },
  );
  await start(context, pod);
  const token = await context.exec('holder', ['cat', '/test/token']);
  await isTokenOf(context, 'default', token);
  const { iat, exp } = claims(token);
  assert.equal(exp - iat, 600);
}

interface Claims {
  iss: string;
  aud: string[];
  iat: number;
  exp: number;
}

function claims(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
}

/** Made for a new namespace, made again when deleted, put right when changed. */
async function keepsRootCa({ client, namespace, eventually }: BehaviourContext): Promise<void> {
  const key = { namespace, name: 'kube-root-ca.crt' };
  const made = await eventually('it is there', () => client.get(configMaps, key));
  assert.match(made.data?.['ca.crt'] ?? '', /BEGIN CERTIFICATE/);
  await client.delete(configMaps, key);
  const again = await eventually('it is made again', async () => {
    const found = await client.get(configMaps, key);
    assert.notEqual(found.metadata.uid, made.metadata.uid);
    return found;
  });
  assert.deepEqual(again.data, made.data);
  await client.patch(configMaps, key, 'merge', { data: { 'ca.crt': '' } });
  await eventually('it is put right', async () => {
    assert.deepEqual((await client.get(configMaps, key)).data, made.data);
    return true;
  });
}

/** A pod checks its own token by what the issuer publishes of itself. */
async function discoversIssuer(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const name = `issuer-discovery-of-${namespace}`;
  context.after(() => client.delete(clusterRoleBindings, { name }));
  await client.create(clusterRoleBindings, {
    metadata: { name },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'system:service-account-issuer-discovery',
    },
  });
  const serviceAccountToken = { path: 'token', audience: 'oidc-discovery-test' };
  const pod = podOf(
    context,
    'verifier',
    {
      image: images.nginx,
      command: ['sleep', '100000'],
      volumeMounts: [{ name: 'token', mountPath: '/test' }],
    },
    { volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken }] } }] },
  );
  await start(context, pod);
  const token = await context.exec('verifier', ['cat', '/test/token']);
  const fetched = (url: string) => context.exec('verifier', shell(fetching(new URL(url))));
  const { iss, aud } = claims(token);
  assert.deepEqual(aud, ['oidc-discovery-test']);
  const found = JSON.parse(await fetched(`${iss}/.well-known/openid-configuration`)) as Discovery;
  assert.equal(found.issuer, iss);
  assert.deepEqual(found.response_types_supported, ['id_token']);
  const { keys } = JSON.parse(await fetched(found.jwks_uri)) as { keys: PublishedKey[] };
  const head = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as PublishedKey;
  const key = keys.find(({ kid, alg }) => kid === head.kid && alg === head.alg);
  assert.ok(key, `no key ${head.kid}`);
  assert.ok(isSignedBy(token, key));
  assert.ok(!isSignedBy(`x${token}`, key));
}

/**
 * busybox knows no certificates, so nginx speaks to the issuer for it: with the pod's token and the root CA.
 * nginx checks no addresses in certificates, only names.
 */
function fetching({ origin, pathname }: URL): string {
  const location = `proxy_pass ${origin};
    proxy_http_version 1.1;
    proxy_ssl_verify on;
    proxy_ssl_name kubernetes.default.svc;
    proxy_ssl_trusted_certificate ${mountPath}/ca.crt;
    proxy_set_header Authorization "Bearer $(cat ${mountPath}/token)";`;
  const http = `access_log off; server { listen 127.0.0.1:8080; location / { ${location} } }`;
  return `cat > /tmp/nginx.conf <<END
user root; pid /tmp/nginx.pid; error_log /dev/stderr; events {} http { ${http} }
END
nginx -c /tmp/nginx.conf && wget -qO- http://127.0.0.1:8080${pathname}
code=$?
nginx -c /tmp/nginx.conf -s stop
exit $code`;
}

interface Discovery {
  issuer: string;
  jwks_uri: string;
  response_types_supported: string[];
}

interface PublishedKey extends webcrypto.JsonWebKey {
  kid: string;
  alg: string;
}

function isSignedBy(token: string, jwk: PublishedKey): boolean {
  const [head, body, signature] = token.split('.');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const signed = Buffer.from(signature!, 'base64url');
  return verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, signed);
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'living' };
  const labels = { 'test-serviceaccount-static': 'true' };
  const selected = { labelSelector: 'test-serviceaccount-static=true' };
  const watching = await watchFromNow(context, serviceAccounts, { namespace, ...selected });
  await client.create(serviceAccounts, { metadata: { ...key, labels } });
  await watching.until('it was made', ({ type }) => type === 'ADDED');
  await client.patch(serviceAccounts, key, 'merge', { automountServiceAccountToken: false });
  await watching.until(
    'it was patched',
    ({ type, object }) => type === 'MODIFIED' && object.automountServiceAccountToken === false,
  );
  const { items } = await client.list(serviceAccounts, selected);
  const found = items.find(({ metadata }) => metadata.namespace === namespace);
  assert.equal(found?.automountServiceAccountToken, false);
  await client.deleteCollection(serviceAccounts, { namespace, ...selected });
  await watching.until('it was deleted', ({ type }) => type === 'DELETED');
  assert.ok(await isGone(client, serviceAccounts, key));
}

const prefix = '[sig-auth] ServiceAccounts';

export const serviceAccountsArea: readonly Behaviour[] = [
  behaviour(`${prefix} should mount an API token into pods [Conformance]`, mountsToken),
  behaviour(`${prefix} should allow opting out of API token automount [Conformance]`, optsOut),
  behaviour(`${prefix} should mount projected service account token [Conformance]`, projects),
  behaviour(`${prefix} should run through the lifecycle of a ServiceAccount [Conformance]`, lifecycle),
  behaviour(
    `${prefix} ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]`,
    discoversIssuer,
  ),
  behaviour(`${prefix} should guarantee kube-root-ca.crt exist in any namespace [Conformance]`, keepsRootCa),
  behaviour(`${prefix} should update a ServiceAccount [Conformance]`, async (context) => {
    const { client, namespace } = context;
    const key = { namespace, name: 'updated' };
    await createAccount(context, 'updated', false);
    await change(client, serviceAccounts, key, (object) => {
      object.automountServiceAccountToken = true;
    });
    assert.equal((await client.get(serviceAccounts, key)).automountServiceAccountToken, true);
  }),
  behaviour(
    `${prefix} should create a serviceAccountToken and ensure a successful TokenReview [Conformance]`,
    async (context) => {
      const { client, namespace } = context;
      await createAccount(context, 'asking');
      const { status } = await client.createSubresource<TokenRequest>(
        serviceAccounts,
        { namespace, name: 'asking' },
        'token',
        {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          metadata: { name: 'asking', namespace },
        },
      );
      assert.ok(status?.token);
      await isTokenOf(context, 'asking', status.token);
      assert.notEqual(
        (await review(context, `${status.token}x`).catch(() => undefined))?.authenticated,
        true,
      );
    },
  ),
];
