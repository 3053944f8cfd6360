/** Evictions, bindings, tokens and access reviews, as requests to a whole API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podDisruptionBudgets, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type {
  Pod,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  TokenRequest,
  TokenReview,
} from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { bodyText } from '#client/transport/body.ts';
import { newPod } from '#testing/objects.ts';
import { adminUser, createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

async function runningPod(client: Client, name: string): Promise<void> {
  const created = await client.create(pods, {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i' }], nodeName: 'n1' },
  } as Pod);
  const conditions = [{ type: 'Ready', status: 'True' }];
  await client.updateStatus(pods, { ...created, status: { phase: 'Running', conditions } });
}

test('an eviction – of a pod with a disruption budget – is charged to it, and rejected when it is spent', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await createDefaultAccount(client);
  await runningPod(client, 'a');
  await runningPod(client, 'b');
  const budget = await client.create(podDisruptionBudgets, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  });
  const status = {
    observedGeneration: 1,
    disruptionsAllowed: 1,
    currentHealthy: 2,
    desiredHealthy: 1,
    expectedPods: 2,
  };
  await client.updateStatus(podDisruptionBudgets, { ...budget, status });
  const evict = (name: string) =>
    client.createSubresource(pods, { namespace: 'default', name }, 'eviction', {
      kind: 'Eviction',
      metadata: { name },
    });
  await evict('a');
  const gone = await client.get(pods, { namespace: 'default', name: 'a' });
  assert.ok(gone.metadata.deletionTimestamp);
  const target = gone.status?.conditions?.find((condition) => condition.type === 'DisruptionTarget');
  assert.equal(target?.reason, 'EvictionByEvictionAPI');
  const charged = await client.get(podDisruptionBudgets, { namespace: 'default', name: 'web' });
  assert.equal(charged.status?.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(charged.status?.disruptedPods ?? {}), ['a']);
  await assert.rejects(evict('b'), (error) => {
    assert(error instanceof StatusError);
    assert.equal(error.code, 429);
    assert.equal(error.message, "Cannot evict pod as it would violate the pod's disruption budget.");
    assert.deepEqual(error.status.details?.causes, [
      {
        reason: 'DisruptionBudget',
        message: 'The disruption budget web needs 1 healthy pods and has 2 currently',
      },
    ]);
    return true;
  });
});

test("a pod's token – requested – is bound to the pod, extended for the API server, and reviewed", async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  await createDefaultAccount(client);
  await runningPod(client, 'a');
  const pod = await client.get(pods, { namespace: 'default', name: 'a' });
  const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: 'a', uid: pod.metadata.uid };
  const ask = (spec: TokenRequest['spec']) =>
    client.createSubresource<TokenRequest>(
      serviceAccounts,
      { namespace: 'default', name: 'default' },
      'token',
      {
        spec,
      } as KubeObject,
    );
  const { status } = await ask({ expirationSeconds: 3607, boundObjectRef });
  const claims = JSON.parse(Buffer.from(status!.token!.split('.')[1]!, 'base64url').toString());
  assert.equal(claims.exp - claims.iat, 365 * 24 * 3600);
  assert.equal(claims['kubernetes.io'].warnafter - claims.iat, 3607);
  assert.equal(Date.parse(status!.expirationTimestamp!) / 1000 - claims.iat, 3607);
  const review = (await client.raw('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    kind: 'TokenReview',
    spec: { token: status!.token },
  })) as TokenReview;
  assert.equal(review.status?.authenticated, true);
  assert.equal(review.status?.user?.username, 'system:serviceaccount:default:default');
  assert.deepEqual(review.status?.user?.extra?.['authentication.kubernetes.io/pod-name'], ['a']);
  const unknown = (await client.raw('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    spec: { token: 'x' },
  })) as TokenReview;
  assert.notEqual(unknown.status?.authenticated, true);
  await assert.rejects(ask({ expirationSeconds: 10 }), /may not specify a duration less than 10 minutes/);
  const stale = { ...boundObjectRef, uid: 'other' };
  await assert.rejects(ask({ boundObjectRef: stale }), /does not match the UID in record/);
});

test('an access review – with selectors – shows them to the node authorizer, and reports what cannot be read', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  const node = { user: 'system:node:n1', groups: ['system:nodes'] };
  const review = async (attributes: object) => {
    const resourceAttributes = { verb: 'list', resource: 'pods', ...attributes };
    const answer = (await client.raw('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      spec: { ...node, resourceAttributes },
    })) as SubjectAccessReview;
    return answer.status;
  };
  const requirement = { key: 'spec.nodeName', operator: 'In', values: ['n1'] };
  const reason = 'can only list/watch pods with spec.nodeName field selector';
  const unread = 'spec.resourceAttributes.fieldSelector ignored due to parse error';
  const partly = 'spec.resourceAttributes.fieldSelector partially ignored due to parse error';
  const label = 'spec.resourceAttributes.labelSelector ignored due to parse error';
  assert.deepEqual(await review({}), { allowed: false, reason });
  assert.deepEqual(await review({ fieldSelector: { rawSelector: 'spec.nodeName=n1' } }), { allowed: true });
  assert.deepEqual(await review({ fieldSelector: { requirements: [requirement] } }), { allowed: true });
  assert.deepEqual(
    await review({ fieldSelector: { requirements: [requirement, { key: 'x', operator: 'Newer' }] } }),
    { allowed: true, evaluationError: partly },
  );
  assert.deepEqual(
    await review({ fieldSelector: { rawSelector: 'a' }, labelSelector: { rawSelector: '(' } }),
    { allowed: false, reason, evaluationError: `${unread}; ${label}` },
  );
  const path = 'spec.resourceAttributes.fieldSelector';
  await assert.rejects(
    review({ fieldSelector: {} }),
    new RegExp(
      `${path}.requirements: Required value: when ${path} is specified, requirements or rawSelector is required`,
    ),
  );
  await assert.rejects(
    review({ fieldSelector: { rawSelector: 'a=b', requirements: [requirement] } }),
    new RegExp(
      `${path}.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`,
    ),
  );
  await assert.rejects(
    review({ fieldSelector: { requirements: [{ key: '', operator: 'In' }] } }),
    /requirements\[0\].key: Required value: must be specified, .*requirements\[0\].values: Required value/,
  );
});

test('a version – that is not served – has no special handlers either', async (t) => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client } = api;
  for (const path of [
    '/apis/authentication.k8s.io/v1alpha1/selfsubjectreviews',
    '/apis/authorization.k8s.io/v1beta1/subjectaccessreviews',
    '/api/v2/namespaces/default/bindings',
    '/api/v2/namespaces/default/pods/x/eviction',
  ]) {
    await t.test(path, async () => {
      await assert.rejects(client.raw('POST', path, {}), { code: 404 });
    });
  }
});

test('access reviews – of each kind – answer as the authorizer would', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client, as, server } = api;
  const review = async (by: Client, kind: string, spec: object) =>
    (await by.raw('POST', `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`, {
      kind,
      spec,
    })) as SubjectAccessReview;
  const resourceAttributes = {
    verb: 'create',
    resource: 'pods',
    subresource: 'binding',
    namespace: 'default',
  };
  const scheduler = await review(client, 'SubjectAccessReview', {
    user: 'system:kube-scheduler',
    resourceAttributes,
  });
  assert.equal(scheduler.status?.allowed, true);
  assert.match(
    scheduler.status?.reason ?? '',
    /^RBAC: allowed by ClusterRoleBinding "system:kube-scheduler"/,
  );
  const jane = as('jane');
  const own = await review(jane, 'SelfSubjectAccessReview', { resourceAttributes });
  assert.equal(own.status?.allowed, false);
  await assert.rejects(
    review(jane, 'SubjectAccessReview', { user: 'x', resourceAttributes }),
    /is forbidden/,
  );
  const url = await review(jane, 'SelfSubjectAccessReview', {
    nonResourceAttributes: { verb: 'get', path: '/api' },
  });
  assert.equal(url.status?.allowed, true);
  const request = { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  const tables = await server.transport({ name: 'jane', groups: ['system:authenticated'] }).request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    body: Buffer.from(JSON.stringify(request)),
  });
  assert.equal(tables.status, 406);
  const rules = (await jane.raw('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    spec: { namespace: 'default' },
  })) as SelfSubjectRulesReview;
  assert.ok(rules.status?.resourceRules?.some((rule) => rule.resources?.includes('selfsubjectreviews')));
});

test('a binding – as a dry run, or invalid – binds nothing', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client, server } = api;
  await createDefaultAccount(client);
  await client.create(pods, {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  } as Pod);
  const transport = server.transport(adminUser);
  const bind = async (query: string, body: object) => {
    const path = `/api/v1/namespaces/default/pods/p/binding${query}`;
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(body)) };
    const response = await transport.request(request);
    return JSON.parse(Buffer.from(response.body as Uint8Array).toString());
  };
  const target = { kind: 'Node', name: 'n' };
  const metadata = { name: 'p' };
  assert.equal((await bind('?dryRun=All', { metadata, target })).code, 201);
  assert.equal(
    (await bind('?dryRun=Some', { metadata, target })).message,
    'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
  );
  assert.equal(
    (await bind('', { metadata: { name: 'q' }, target })).message,
    'name in URL does not match name in Binding object',
  );
  assert.equal((await bind('', { target })).message, 'name in URL does not match name in Binding object');
  assert.equal(
    (await bind('', { metadata: { name: 'p', namespace: 'q' }, target })).message,
    'the namespace of the provided object does not match the namespace sent on the request',
  );
  assert.equal((await client.get(pods, { namespace: 'default', name: 'p' })).spec?.nodeName, undefined);
});

const review = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
const selfReviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const metadataOnly = 'as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

// biome-ignore format: a table
for (const { accept, path = selfReviews, body = review, status, type = 'application/json', answer } of [
  { accept: 'application/yaml', status: 201, type: 'application/yaml', answer: /^apiVersion: authorization.k8s.io\/v1\nkind: SelfSubjectAccessReview\n/ },
  { accept: 'application/vnd.kubernetes.protobuf', status: 201, type: 'application/vnd.kubernetes.protobuf', answer: /^k8s\0[\s\S]*SelfSubjectAccessReview/ },
  { accept: 'application/json;pretty=1', status: 201, answer: /^\{\n {2}"kind": "SelfSubjectAccessReview"/ },
  { accept: `application/json;${metadataOnly}`, status: 201, answer: /^\{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io\/v1","metadata":\{"managedFields":\[.*\]\}\}$/ },
  { accept: 'application/cbor', status: 406, answer: /^\{\n[\s\S]*"message": "406: Not Acceptable\\n\\nAvailable representations: application\/json, application\/yaml, application\/vnd.kubernetes.protobuf",\n {2}"reason": "NotAcceptable",\n {2}"details": \{\},/ },
  { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', status: 406, answer: /only the following media types are accepted: application\/json, application\/yaml, application\/vnd.kubernetes.protobuf/ },
  { accept: 'application/yaml', path: '/api/v1/namespaces/default/pods/p/binding', body: { metadata: { name: 'p' }, target: { name: 'n' } }, status: 201, type: 'application/yaml', answer: /^apiVersion: v1\ncode: 201\nkind: Status\n/ },
  { accept: `application/json;${metadataOnly}`, path: '/api/v1/namespaces/default/pods/p/binding', body: { metadata: { name: 'p' }, target: {} }, status: 500, answer: /^\{\n[\s\S]*"message": "target.name: Required value",\n {2}"code": 500\n\}$/ },
  { accept: 'application/vnd.kubernetes.protobuf', path: '/api/v1/namespaces/default/serviceaccounts/default/token', body: { spec: {} }, status: 201, type: 'application/vnd.kubernetes.protobuf', answer: /^k8s\0[\s\S]*TokenRequest/ },
  { accept: 'application/yaml', path: '/apis/authentication.k8s.io/v1/tokenreviews', body: { metadata: { labels: { a: 'b' } }, spec: { token: 'x' } }, status: 201, type: 'application/yaml', answer: /^apiVersion: authentication.k8s.io\/v1\nkind: TokenReview\nmetadata:\n {2}labels:\n {4}a: b\n/ },
]) {
  test(`what is not stored – ${accept} is accepted of ${path.split('/').at(-1)} – is answered so`, async () => {
    await using api = await startTestServer({ setup: 'kubernetes' });
    await createDefaultAccount(api.client);
    await api.client.create(pods, newPod('p'));
    const headers = { accept, 'content-type': 'application/json' };
    const request = { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(body)) };
    const response = await api.transport.request(request);
    const text = await bodyText(response);
    assert.deepEqual([response.status, response.headers['content-type']], [status, type]);
    assert.match(text, answer);
  });
}

// biome-ignore format: a table
for (const { name, metadata = {}, spec = {}, account = 'default', code, message } of [
  { name: 'another name', metadata: { name: 'x' }, code: 422, message: 'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified' },
  { name: 'another UID', metadata: { uid: 'x' }, code: 409, message: /^Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "default": the UID in the token request \(x\) does not match the UID of the service account \(.+\)$/ },
  { name: 'too short a life', spec: { expirationSeconds: 5 }, code: 422, message: 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes' },
  { name: 'no account of the name', account: 'none', code: 404, message: 'serviceaccounts "none" not found' },
  { name: 'a kind that cannot be bound', spec: { boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'x' } }, code: 400, message: 'cannot bind token to object of type apps/v1, Kind=Deployment' },
  { name: 'a pod with another UID', spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'x' } }, code: 409, message: /^Operation cannot be fulfilled on Pod "p": the UID in the bound object reference \(x\)/ },
]) {
  test(`a token request – ${name} – is rejected`, async () => {
    await using api = await startTestServer({ setup: 'kubernetes' });
    await createDefaultAccount(api.client);
    await api.client.create(pods, newPod('p'));
    const path = `/api/v1/namespaces/default/serviceaccounts/${account}/token`;
    await assert.rejects(api.client.raw('POST', path, { metadata, spec }), { code, message });
  });
}

const attributes = { verb: 'get', resource: 'pods', namespace: 'default' };
const both = { resourceAttributes: { verb: 'get' }, nonResourceAttributes: { path: '/x' } };
const owned = (fields: string) =>
  `"managedFields":[{"manager":"m","operation":"Update","apiVersion":"authorization.k8s.io/v1","time":"T","fieldsType":"FieldsV1","fieldsV1":{"f:spec":${fields}}}]`;
const ofAttributes = '{"f:resourceAttributes":{".":{},"f:namespace":{},"f:resource":{},"f:verb":{}}';

// biome-ignore format: a table
for (const { name, resource = 'selfsubjectaccessreviews', metadata = {}, spec, message } of [
  { name: 'a name', metadata: { name: 'x' }, spec: { resourceAttributes: attributes }, message: `metadata: Invalid value: {"name":"x",${owned(`${ofAttributes}}`)}}: must be empty` },
  { name: 'no attributes', spec: {}, message: 'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified' },
  { name: 'both attributes', spec: both, message: 'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: cannot be specified in combination with resourceAttributes' },
  { name: 'a label, of a review in a namespace', resource: 'namespaces/default/localsubjectaccessreviews', metadata: { labels: { a: 'b' } }, spec: { user: 'u', resourceAttributes: attributes }, message: `metadata: Invalid value: {"namespace":"default","labels":{"a":"b"},"managedFields":[{"manager":"m","operation":"Update","apiVersion":"authorization.k8s.io/v1","time":"T","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:a":{}}},"f:spec":${ofAttributes},"f:user":{}}}}]}: must be empty except for namespace` },
  { name: 'paths, of a review in a namespace', resource: 'namespaces/default/localsubjectaccessreviews', spec: { user: 'u', nonResourceAttributes: { path: '/x' } }, message: 'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: disallowed on this kind of request' },
]) {
  test(`an access review – with ${name} – is rejected, as an object without a kind`, async () => {
    await using api = await startTestServer({ setup: 'kubernetes' });
    const path = `/apis/authorization.k8s.io/v1/${resource}?fieldManager=m`;
    await assert.rejects(api.client.raw('POST', path, { metadata, spec }), (error: Error) => {
      const text = error.message.replace(/"time":"[^"]*"/, '"time":"T"');
      assert.equal(text, `.authorization.k8s.io "" is invalid: ${message}`);
      return true;
    });
  });
}

test('a TokenReview – with system metadata and a status – is answered without the one, and keeps what it did not find out', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const answer = (await api.client.raw('POST', '/apis/authentication.k8s.io/v1/tokenreviews?fieldManager=m', {
    metadata: { name: 'a', uid: 'u', selfLink: '/x', deletionGracePeriodSeconds: 3, generation: 7 },
    spec: { token: 't' },
    status: { authenticated: true, user: { username: 'given' } },
  })) as TokenReview;
  const { managedFields, ...metadata } = answer.metadata as Record<string, unknown>;
  assert.deepEqual(metadata, { name: 'a', generation: 7 });
  assert.doesNotMatch(JSON.stringify(managedFields), /deletionGracePeriodSeconds/);
  assert.deepEqual(answer.status, { user: { username: 'given' }, error: 'invalid bearer token' });
});

test('a token review – answered – says who manages its fields', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const path = '/apis/authentication.k8s.io/v1/tokenreviews?fieldManager=m';
  const { metadata } = (await api.client.raw('POST', path, { spec: { token: 't' } })) as TokenReview;
  assert.deepEqual(
    metadata?.managedFields?.map(({ manager, fieldsV1 }) => [manager, fieldsV1]),
    [['m', { 'f:spec': { 'f:token': {} } }]],
  );
});
