import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '../schema/load-schema.ts';
import { openApi } from './openapi.ts';

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string }[]; operationId?: string }>>;
  components: { schemas: Record<string, Record<string, unknown>> };
  definitions: Record<string, unknown>;
}

const schema = loadSchema();
const resources = schema.resources.map((def) => ({ def, schema }));
const api = openApi(() => resources, 'v1.36.0');

function parsed(document: { bytes: Uint8Array } | undefined): Document {
  return JSON.parse(Buffer.from(document!.bytes).toString('utf8')) as Document;
}

/** Every `$ref` below `value`. */
function refs(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found.add(child);
    else refs(child, found);
  }
  return found;
}

test('the index – names every document – by its hash', async (t) => {
  const paths = parsed(api.v3Index()).paths as unknown as Record<string, { serverRelativeURL: string }>;
  assert.ok(Object.keys(paths).includes('apis/apps/v1'));
  for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
    await t.test(path, () => {
      assert.equal(serverRelativeURL, `/openapi/v3/${path}?hash=${api.v3(path)!.hash}`);
    });
  }
  assert.equal(api.v3('apis/apps/v1beta1'), undefined);
});

test('each document – is closed: every reference is in it', async (t) => {
  for (const path of Object.keys(parsed(api.v3Index()).paths)) {
    await t.test(path, () => {
      const document = parsed(api.v3(path));
      for (const ref of refs(document)) {
        assert.ok(ref.replace('#/components/schemas/', '') in document.components.schemas, `${path}: ${ref}`);
      }
    });
  }
  const v2 = parsed(api.v2());
  for (const ref of refs(v2)) assert.ok(ref.replace('#/definitions/', '') in v2.definitions, ref);
});

test('apps/v1 – has the paths, parameters, kinds and merge keys that kubectl uses', () => {
  const document = parsed(api.v3('apis/apps/v1'));
  const item = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!;
  assert.ok(item['patch']?.parameters?.some((value) => value.name === 'fieldValidation'));
  assert.equal(item['get']?.operationId, 'readAppsV1NamespacedDeployment');
  const list = document.paths['/apis/apps/v1/deployments']!['get'];
  assert.equal(list?.operationId, 'listAppsV1DeploymentForAllNamespaces');
  const schemas = document.components.schemas;
  assert.deepEqual(schemas['io.k8s.api.apps.v1.Deployment']!['x-kubernetes-group-version-kind'], [
    { group: 'apps', version: 'v1', kind: 'Deployment' },
  ]);
  const spec = schemas['io.k8s.api.apps.v1.DeploymentSpec']!['properties'] as Record<string, unknown>;
  assert.deepEqual(spec['strategy'], {
    allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' }],
    'x-kubernetes-patch-strategy': 'retainKeys',
  });
  assert.ok('io.k8s.api.autoscaling.v1.Scale' in schemas);
});

test('a path without parameters – in documents of version 2 and 3 – has no list of them, as what Go programs write again', () => {
  const documents = [api.v2(), ...Object.keys(parsed(api.v3Index()).paths).map((path) => api.v3(path))];
  for (const { paths } of documents.map(parsed)) {
    for (const [path, item] of Object.entries(paths)) {
      const empty = [item, ...Object.values(item)].filter(({ parameters }) => {
        return Array.isArray(parameters) && parameters.length === 0;
      });
      assert.deepEqual(empty, [], path);
    }
  }
});
