/**
 * Every verb and subresource that writes, through the server: admission is called once in each phase, with
 * upstream's attributes.
 */

import 'reflect-metadata';
import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, beforeEach, test } from 'node:test';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import type { AnyObject } from '#api/meta/object.ts';
import { serviceUnavailable } from '#api/meta/status.ts';
import { adminUser, allowAll, startTestServer, type TestServer } from '#testing/server/test-server.ts';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.ts';
import { type AdmissionAttributes, defineAdmission } from '../contract/admission.ts';
import type { Kubelets } from '../subresources/connections/kubelet-connection.ts';
import { specialHandlers } from '../subresources/handlers.ts';

let met: string[] = [];

/** `CREATE pods/eviction p: Eviction over nothing` */
function textOf({
  operation,
  type,
  subresource,
  name,
  object,
  oldObject,
  dryRun,
}: AdmissionAttributes): string {
  const resource = subresource === '' ? type.resource : `${type.resource}/${subresource}`;
  const [now, old] = [object, oldObject].map((anyObject) => anyObject?.kind ?? 'nothing');
  return `${operation} ${resource} ${name}: ${now} over ${old}${dryRun ? ', dry run' : ''}`;
}

const recorder = defineAdmission({
  name: 'Recorder',
  rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }],
  mutate: (attributes) => void met.push(`mutate ${textOf(attributes)}`),
  validate: (attributes) => void met.push(`validate ${textOf(attributes)}`),
});

const noKubelet: Kubelets = {
  agent: undefined as never,
  of: () => {
    throw serviceUnavailable('there is no kubelet');
  },
  close() {},
};

const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
const csr = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=u', keys, signingAlgorithm });

let server: TestServer;
let port: number;

before(async () => {
  const tokens: ServiceAccountTokens = {
    issuer: 'i',
    apiAudiences: ['a'],
    sign: async () => 'token',
  } as Partial<ServiceAccountTokens> as ServiceAccountTokens;
  server = await startTestServer({
    https: true,
    admission: [recorder],
    authenticators: [{ name: 'everyone', authenticate: () => adminUser }],
    specialHandlers: specialHandlers({
      kubelets: noKubelet,
      tokens,
      bearerTokens: { name: 'none', authenticate: () => undefined },
      anonymous: undefined,
      authorizer: allowAll,
      listRules: () => ({ rules: [], gaps: [] }),
      componentChecks: {},
    }),
  });
  port = server.port;
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'default' } });
  await send('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
  await send('POST', pathOf('serviceaccounts'), { metadata: { name: 'a' } });
  await send('POST', pathOf('services'), { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
  await send('POST', pathOf('deployments'), { metadata: { name: 'd' }, spec: deploymentSpec });
  for (const name of ['bound', 'evicted', 'p', 'legacy']) await send('POST', pathOf('pods'), podOf(name));
  const request = Buffer.from(csr.toString('pem')).toString('base64');
  const spec = { signerName: 'example.com/s', request, usages: ['client auth'] };
  await send('POST', requests, { metadata: { name: 'r' }, spec });
  for (const name of ['c', 'gone', 'final']) await send('POST', pathOf('configmaps'), { metadata: { name } });
  const labels = { doomed: 'yes' };
  for (const name of ['x', 'y']) await send('POST', pathOf('configmaps'), { metadata: { name, labels } });
});
after(() => server.stop());
beforeEach(() => {
  met = [];
});

const groups: Readonly<Record<string, string>> = {
  deployments: '/apis/apps/v1',
  leases: '/apis/coordination.k8s.io/v1',
};
const pathOf = (resource: string) => `${groups[resource] ?? '/api/v1'}/namespaces/default/${resource}`;
const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const container = { name: 'c', image: 'i', resources: {} };
const podOf = (name: string) => ({ metadata: { name }, spec: { containers: [container] } });
const deploymentSpec = {
  selector: { matchLabels: { a: 'b' } },
  template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
};

async function send(method: string, path: string, body?: object, contentType = 'application/json') {
  const response = await server.transport.request({
    method,
    path,
    headers: body ? { 'content-type': contentType } : {},
    ...(body ? { body: Buffer.from(JSON.stringify(body)) } : {}),
  });
  const text = Buffer.concat([response.body as Uint8Array].flat()).toString();
  return { status: response.status, text };
}

async function current(path: string): Promise<AnyObject> {
  return JSON.parse((await send('GET', path)).text) as AnyObject;
}

const merge = 'application/merge-patch+json';
const labelled = { metadata: { labels: { l: '1' } } };
const annotated = [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }];

interface Row {
  /** Verb and subresource, as the schema names what is served. */
  readonly serves: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object | (() => Promise<object>);
  readonly type?: string;
  readonly meets: string | readonly string[];
  /** Default: any success. */
  readonly status?: number;
}

const putBack = (path: string) => () => current(path) as Promise<object>;
const review = (kind: string, spec: object) => ({ kind, spec });
const attributes = { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } };
const authentication = '/apis/authentication.k8s.io/v1';
const authorization = '/apis/authorization.k8s.io/v1';
const localReviews = `${authorization}/namespaces/default/localsubjectaccessreviews`;
const status = { status: { conditions: [] } };
const ephemeral = { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } };
const strategic = 'application/strategic-merge-patch+json';
const binding = (name: string) => ({
  kind: 'Binding',
  metadata: { name },
  target: { kind: 'Node', name: 'n' },
});

const rows: readonly Row[] = [
  {
    serves: 'create',
    method: 'POST',
    path: pathOf('configmaps'),
    body: { metadata: { name: 'new' } },
    meets: 'CREATE configmaps new: ConfigMap over nothing',
  },
  {
    serves: 'create',
    method: 'POST',
    path: `${pathOf('configmaps')}?dryRun=All`,
    body: { metadata: { name: 'dry' } },
    meets: 'CREATE configmaps dry: ConfigMap over nothing, dry run',
  },
  {
    serves: 'update',
    method: 'PUT',
    path: `${pathOf('configmaps')}/c`,
    body: { metadata: { name: 'c' }, data: { a: 'b' } },
    meets: 'UPDATE configmaps c: ConfigMap over ConfigMap',
  },
  {
    serves: 'update',
    method: 'PUT',
    path: `${pathOf('configmaps')}/c`,
    body: putBack(`${pathOf('configmaps')}/c`),
    meets: 'UPDATE configmaps c: ConfigMap over ConfigMap',
  },
  {
    serves: 'update',
    method: 'PUT',
    path: `${pathOf('leases')}/l`,
    body: { metadata: { name: 'l' } },
    meets: 'CREATE leases l: Lease over nothing',
  },
  {
    serves: 'patch',
    method: 'PATCH',
    path: `${pathOf('configmaps')}/c`,
    type: merge,
    body: labelled,
    meets: 'UPDATE configmaps c: ConfigMap over ConfigMap',
  },
  {
    serves: 'patch',
    method: 'PATCH',
    path: `${pathOf('configmaps')}/c`,
    type: strategic,
    body: labelled,
    meets: 'UPDATE configmaps c: ConfigMap over ConfigMap',
  },
  {
    serves: 'patch',
    method: 'PATCH',
    path: `${pathOf('configmaps')}/c`,
    type: 'application/json-patch+json',
    body: annotated,
    meets: 'UPDATE configmaps c: ConfigMap over ConfigMap',
  },
  {
    serves: 'delete',
    method: 'DELETE',
    path: `${pathOf('configmaps')}/gone`,
    meets: 'DELETE configmaps gone: nothing over ConfigMap',
  },
  {
    serves: 'delete',
    method: 'DELETE',
    path: `${pathOf('configmaps')}/final?dryRun=All`,
    meets: 'DELETE configmaps final: nothing over ConfigMap, dry run',
  },
  {
    serves: 'deletecollection',
    method: 'DELETE',
    path: `${pathOf('configmaps')}?labelSelector=doomed`,
    meets: ['DELETE configmaps : nothing over ConfigMap', 'DELETE configmaps : nothing over ConfigMap'],
  },

  {
    serves: 'update status',
    method: 'PUT',
    path: `${pathOf('deployments')}/d/status`,
    body: putBack(`${pathOf('deployments')}/d`),
    meets: 'UPDATE deployments/status d: Deployment over Deployment',
  },
  {
    serves: 'patch status',
    method: 'PATCH',
    path: `${pathOf('deployments')}/d/status`,
    type: merge,
    body: status,
    meets: 'UPDATE deployments/status d: Deployment over Deployment',
  },
  {
    serves: 'update scale',
    method: 'PUT',
    path: `${pathOf('deployments')}/d/scale`,
    body: { metadata: { name: 'd' }, spec: { replicas: 2 } },
    meets: 'UPDATE deployments/scale d: Scale over Scale',
  },
  {
    serves: 'patch scale',
    method: 'PATCH',
    path: `${pathOf('deployments')}/d/scale`,
    type: merge,
    body: { spec: { replicas: 3 } },
    meets: 'UPDATE deployments/scale d: Scale over Scale',
  },
  {
    serves: 'update approval',
    method: 'PUT',
    path: `${requests}/r/approval`,
    body: putBack(`${requests}/r`),
    meets:
      'UPDATE certificatesigningrequests/approval r: CertificateSigningRequest over CertificateSigningRequest',
  },
  {
    serves: 'patch approval',
    method: 'PATCH',
    path: `${requests}/r/approval`,
    type: merge,
    body: labelled,
    meets:
      'UPDATE certificatesigningrequests/approval r: CertificateSigningRequest over CertificateSigningRequest',
  },
  {
    serves: 'update finalize',
    method: 'PUT',
    path: '/api/v1/namespaces/default/finalize',
    body: putBack('/api/v1/namespaces/default'),
    meets: 'UPDATE namespaces/finalize default: Namespace over Namespace',
  },
  {
    serves: 'update resize',
    method: 'PUT',
    path: `${pathOf('pods')}/p/resize`,
    body: putBack(`${pathOf('pods')}/p`),
    meets: 'UPDATE pods/resize p: Pod over Pod',
  },
  {
    serves: 'patch resize',
    method: 'PATCH',
    path: `${pathOf('pods')}/p/resize`,
    type: merge,
    body: labelled,
    meets: 'UPDATE pods/resize p: Pod over Pod',
  },
  {
    serves: 'update ephemeralcontainers',
    method: 'PUT',
    path: `${pathOf('pods')}/p/ephemeralcontainers`,
    body: putBack(`${pathOf('pods')}/p`),
    meets: 'UPDATE pods/ephemeralcontainers p: Pod over Pod',
  },
  {
    serves: 'patch ephemeralcontainers',
    method: 'PATCH',
    path: `${pathOf('pods')}/p/ephemeralcontainers`,
    type: strategic,
    body: ephemeral,
    meets: 'UPDATE pods/ephemeralcontainers p: Pod over Pod',
  },

  {
    serves: 'create binding',
    method: 'POST',
    path: `${pathOf('pods')}/bound/binding`,
    body: binding('bound'),
    meets: 'CREATE pods/binding bound: Binding over nothing',
  },
  {
    serves: 'create bindings',
    method: 'POST',
    path: pathOf('bindings'),
    body: binding('legacy'),
    meets: 'CREATE bindings legacy: Binding over nothing',
  },
  {
    serves: 'create eviction',
    method: 'POST',
    path: `${pathOf('pods')}/evicted/eviction`,
    body: { kind: 'Eviction', metadata: { name: 'evicted' } },
    meets: 'CREATE pods/eviction evicted: Eviction over nothing',
  },
  {
    serves: 'create token',
    method: 'POST',
    path: `${pathOf('serviceaccounts')}/a/token`,
    body: { spec: { audiences: ['a'] } },
    meets: 'CREATE serviceaccounts/token a: TokenRequest over nothing',
  },

  {
    serves: 'create tokenreviews',
    method: 'POST',
    path: `${authentication}/tokenreviews`,
    body: review('TokenReview', { token: 't' }),
    meets: 'CREATE tokenreviews : TokenReview over nothing',
  },
  {
    serves: 'create selfsubjectreviews',
    method: 'POST',
    path: `${authentication}/selfsubjectreviews`,
    body: {},
    meets: 'CREATE selfsubjectreviews : SelfSubjectReview over nothing',
  },
  {
    serves: 'create subjectaccessreviews',
    method: 'POST',
    path: `${authorization}/subjectaccessreviews`,
    body: review('SubjectAccessReview', { ...attributes, user: 'u' }),
    meets: 'CREATE subjectaccessreviews : SubjectAccessReview over nothing',
  },
  {
    serves: 'create selfsubjectaccessreviews',
    method: 'POST',
    path: `${authorization}/selfsubjectaccessreviews`,
    body: review('SelfSubjectAccessReview', attributes),
    meets: 'CREATE selfsubjectaccessreviews : SelfSubjectAccessReview over nothing',
  },
  {
    serves: 'create localsubjectaccessreviews',
    method: 'POST',
    path: localReviews,
    body: review('LocalSubjectAccessReview', { ...attributes, user: 'u' }),
    meets: 'CREATE localsubjectaccessreviews : LocalSubjectAccessReview over nothing',
  },
  {
    serves: 'create selfsubjectrulesreviews',
    method: 'POST',
    path: `${authorization}/selfsubjectrulesreviews`,
    body: review('SelfSubjectRulesReview', { namespace: 'default' }),
    meets: 'CREATE selfsubjectrulesreviews : SelfSubjectRulesReview over nothing',
  },

  ...proxied(
    'nodes/proxy',
    '/api/v1/nodes/n/proxy/x',
    'CONNECT nodes/proxy n: NodeProxyOptions over nothing',
    503,
  ),
  ...proxied(
    'pods/proxy',
    `${pathOf('pods')}/p:80/proxy/x`,
    'CONNECT pods/proxy p:80: PodProxyOptions over nothing',
    400,
  ),
  ...proxied(
    'services/proxy',
    `${pathOf('services')}/s/proxy/x`,
    'CONNECT services/proxy s: ServiceProxyOptions over nothing',
    404,
  ),
];

function proxied(what: string, path: string, meets: string, status: number): Row[] {
  const methods = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' };
  // There is nothing behind any of them.
  return Object.entries(methods).map(([verb, method]) => ({
    serves: `${verb} ${what}`,
    method,
    path,
    meets,
    status,
  }));
}

const twice = (meets: string | readonly string[]) =>
  [meets].flat().flatMap((text) => [`mutate ${text}`, `validate ${text}`]);

for (const { serves, method, path, body, type, meets, status } of rows) {
  test(`${serves} – ${method} ${path} – admission is asked: ${[meets].flat().join(', ')}`, async () => {
    const sent = typeof body === 'function' ? await body() : body;
    const answer = await send(method, path, sent, type);
    if (status) assert.equal(answer.status, status, answer.text);
    else assert.ok(answer.status < 300, answer.text);
    assert.deepEqual(met.toSorted(), twice(meets).toSorted());
  });
}

/** Resolves when the server has answered: with a refusal, for there is no kubelet to connect to. */
function upgrade(method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers,
      rejectUnauthorized: false,
    });
    request.on('response', (response) => resolve(response.resume().statusCode));
    request.on('upgrade', () => reject(new Error('upgraded')));
    request.on('error', reject);
    request.end();
  });
}

const connections: readonly (readonly [subresource: string, kind: string])[] = [
  ['exec', 'PodExecOptions'],
  ['attach', 'PodAttachOptions'],
  ['portforward', 'PodPortForwardOptions'],
];
for (const [subresource, kind] of connections) {
  for (const method of ['GET', 'POST']) {
    test(`${subresource} – ${method}, to be taken over – admission is asked of a connection`, async () => {
      await upgrade(method, `${pathOf('pods')}/bound/${subresource}?command=ls`);
      assert.deepEqual(met, twice(`CONNECT pods/${subresource} bound: ${kind} over nothing`));
    });
  }
}

test('what is served – every verb and subresource that writes – is in this table', () => {
  const reads = new Set(['get', 'list', 'watch']);
  const served = new Set<string>();
  for (const { def, storage } of server.server.resources.all) {
    for (const verb of def.verbs) {
      if (!reads.has(verb)) served.add(storage ? verb : `${verb} ${def.resource}`);
    }
    for (const { name, verbs } of def.subresources) {
      const what = name === 'proxy' ? `${def.resource}/proxy` : name;
      for (const verb of verbs) if (!reads.has(verb) || name === 'proxy') served.add(`${verb} ${what}`);
    }
  }
  const connects = connections.map(([subresource]) => `create ${subresource}`);
  const tested = new Set([...rows.map(({ serves }) => serves), ...connects]);
  assert.deepEqual([...served].sort(), [...tested].sort());
});
