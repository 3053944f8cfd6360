/**
 * All groups, versions and resources in one document: who asks for it gets it, with everything that is
 * served.
 */

import assert from 'node:assert/strict';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { request } from '../shared/requests.ts';

interface Resource {
  resource: string;
  responseKind: { kind: string };
  scope: string;
  verbs: string[];
}

interface Aggregated {
  kind: string;
  apiVersion: string;
  items: { metadata: { name: string }; versions: { version: string; resources: Resource[] }[] }[];
}

const media = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

async function aggregated(context: BehaviourContext, path: '/api' | '/apis'): Promise<Aggregated> {
  const { status, headers, text } = await request(context, 'GET', path, { accept: media });
  assert.equal(status, 200, text);
  assert.equal(headers['content-type'], media);
  const document = JSON.parse(text) as Aggregated;
  assert.deepEqual([document.kind, document.apiVersion], ['APIGroupDiscoveryList', 'apidiscovery.k8s.io/v2']);
  return document;
}

/** `group/version/resource` of everything in the document. */
function named({ items }: Aggregated): string[] {
  return items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(({ resource }) => `${metadata.name ?? ''}/${version}/${resource}`),
    ),
  );
}

const builtIn = [
  'apps/v1/daemonsets',
  'apps/v1/deployments',
  'apps/v1/replicasets',
  'apps/v1/statefulsets',
  'batch/v1/cronjobs',
  'batch/v1/jobs',
  'networking.k8s.io/v1/ingresses',
  'policy/v1/poddisruptionbudgets',
  'rbac.authorization.k8s.io/v1/clusterroles',
  'rbac.authorization.k8s.io/v1/rolebindings',
  'storage.k8s.io/v1/storageclasses',
  'apiextensions.k8s.io/v1/customresourcedefinitions',
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
];
const builtInCore = ['configmaps', 'namespaces', 'nodes', 'pods', 'secrets', 'services'];

async function hasBuiltIns(context: BehaviourContext): Promise<void> {
  const groups = named(await aggregated(context, '/apis'));
  for (const name of builtIn) assert.ok(groups.includes(name), name);
  const core = named(await aggregated(context, '/api'));
  for (const resource of builtInCore) assert.ok(core.includes(`/v1/${resource}`), resource);
}

/** A client that accepts no aggregated document, or an unknown version of it, gets the older documents. */
async function byAccept(context: BehaviourContext): Promise<void> {
  await hasBuiltIns(context);
  const kinds = { '/api': 'APIVersions', '/apis': 'APIGroupList' } as const;
  for (const [path, kind] of Object.entries(kinds)) {
    for (const accept of ['application/json', '*/*']) {
      const { status, headers, text } = await request(context, 'GET', path, { accept });
      assert.deepEqual([status, headers['content-type']], [200, 'application/json']);
      assert.equal(JSON.parse(text).kind, kind);
    }
  }
  const preferred = `${media},application/json`;
  const { text } = await request(context, 'GET', '/apis', { accept: preferred });
  assert.equal(JSON.parse(text).kind, 'APIGroupDiscoveryList');
}

/** One document and the older ones tell of the same resources. */
async function byInterface(context: BehaviourContext): Promise<void> {
  await hasBuiltIns(context);
  const reported = await aggregated(context, '/apis');
  for (const { metadata, versions } of reported.items) {
    for (const { version, resources } of versions) {
      const older = (await context.client.raw('GET', `/apis/${metadata.name}/${version}`)) as {
        resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
      };
      const own = older.resources.filter(({ name }) => !name.includes('/'));
      assert.deepEqual(
        resources.map((resource) => [
          resource.resource,
          resource.responseKind.kind,
          resource.scope,
          [...resource.verbs].sort(),
        ]),
        own.map((resource) => [
          resource.name,
          resource.kind,
          resource.namespaced ? 'Namespaced' : 'Cluster',
          [...resource.verbs].sort(),
        ]),
      );
    }
  }
}

async function showsDefinition(context: BehaviourContext): Promise<void> {
  const { client, namespace, after } = context;
  const group = `${namespace}.example.com`;
  const names = { plural: 'testcrds', singular: 'testcrd', kind: 'TestCrd', listKind: 'TestCrdList' };
  const name = `${names.plural}.${group}`;
  after(() => client.delete(customResourceDefinitions, { name }));
  const schema = { openAPIV3Schema: { type: 'object' } };
  await client.create(customResourceDefinitions, {
    metadata: { name },
    spec: {
      group,
      names,
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await context.eventually('the resource is listed', async () => {
    assert.ok(named(await aggregated(context, '/apis')).includes(`${group}/v1/${names.plural}`));
    return true;
  });
}

const prefix = '[sig-api-machinery] AggregatedDiscovery should support';

export const aggregatedDiscovery: readonly Behaviour[] = [
  behaviour(`${prefix} raw aggregated discovery endpoint Accept headers [Conformance]`, byAccept),
  behaviour(`${prefix} raw aggregated discovery request for CRDs [Conformance]`, showsDefinition),
  behaviour(`${prefix} aggregated discovery interface [Conformance]`, byInterface),
  behaviour(`${prefix} aggregated discovery interface for CRDs [Conformance]`, showsDefinition),
];
