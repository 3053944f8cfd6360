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
const api = openApi(() => resources, '1.36');

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
    default: {},
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

/** Without the texts for people, which are this project's own. */
function withoutTexts(value: unknown): unknown {
  const plain = JSON.stringify(value, (key, item) => {
    return key === 'description' && typeof item === 'string' && item.includes(' ') ? undefined : item;
  });
  return JSON.parse(plain);
}

test('core/v1 – of a subresource, a watch, a schema – has what upstream publishes', () => {
  const { paths, components } = parsed(api.v3('api/v1'));
  assert.deepEqual(withoutTexts(paths['/api/v1/namespaces/{namespace}/pods/{name}/eviction']), {
    post: {
      tags: ['core_v1'],
      operationId: 'createCoreV1NamespacedPodEviction',
      requestBody: {
        content: { '*/*': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } } },
        required: true,
      },
      responses: {
        '200': {
          description: 'OK',
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } },
            'application/vnd.kubernetes.protobuf': {
              schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' },
            },
            'application/yaml': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } },
          },
        },
        '201': {
          description: 'Created',
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } },
            'application/vnd.kubernetes.protobuf': {
              schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' },
            },
            'application/yaml': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } },
          },
        },
        '202': {
          description: 'Accepted',
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } },
            'application/vnd.kubernetes.protobuf': {
              schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' },
            },
            'application/yaml': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } },
          },
        },
        '401': { description: 'Unauthorized' },
      },
      'x-kubernetes-action': 'post',
      'x-kubernetes-group-version-kind': { group: 'policy', version: 'v1', kind: 'Eviction' },
    },
    parameters: [
      { name: 'dryRun', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'fieldManager', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'fieldValidation', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'name', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } },
      { name: 'namespace', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } },
      { name: 'pretty', in: 'query', schema: { type: 'string', uniqueItems: true } },
    ],
  });
  assert.deepEqual(withoutTexts(paths['/api/v1/watch/namespaces/{name}']), {
    get: {
      tags: ['core_v1'],
      operationId: 'watchCoreV1Namespace',
      responses: {
        '200': {
          description: 'OK',
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' },
            },
            'application/json;stream=watch': {
              schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' },
            },
            'application/vnd.kubernetes.protobuf': {
              schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' },
            },
            'application/vnd.kubernetes.protobuf;stream=watch': {
              schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' },
            },
            'application/yaml': {
              schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' },
            },
          },
        },
        '401': { description: 'Unauthorized' },
      },
      'x-kubernetes-action': 'watch',
      'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Namespace' },
    },
    parameters: [
      { name: 'allowWatchBookmarks', in: 'query', schema: { type: 'boolean', uniqueItems: true } },
      { name: 'continue', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'fieldSelector', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'labelSelector', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'limit', in: 'query', schema: { type: 'integer', uniqueItems: true } },
      { name: 'name', in: 'path', required: true, schema: { type: 'string', uniqueItems: true } },
      { name: 'pretty', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'resourceVersion', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'resourceVersionMatch', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'sendInitialEvents', in: 'query', schema: { type: 'boolean', uniqueItems: true } },
      { name: 'shardSelector', in: 'query', schema: { type: 'string', uniqueItems: true } },
      { name: 'timeoutSeconds', in: 'query', schema: { type: 'integer', uniqueItems: true } },
      { name: 'watch', in: 'query', schema: { type: 'boolean', uniqueItems: true } },
    ],
  });
  assert.deepEqual(
    withoutTexts(components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry']),
    {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        fieldsType: { type: 'string' },
        fieldsV1: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1' }] },
        manager: { type: 'string' },
        operation: { type: 'string' },
        subresource: { type: 'string' },
        time: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time' }] },
      },
    },
  );
  assert.deepEqual(withoutTexts(components.schemas['io.k8s.api.core.v1.ComponentStatus']), {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      conditions: {
        type: 'array',
        items: {
          default: {},
          allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ComponentCondition' }],
        },
        'x-kubernetes-list-map-keys': ['type'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'type',
        'x-kubernetes-patch-strategy': 'merge',
      },
      kind: { type: 'string' },
      metadata: {
        default: {},
        allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
      },
    },
    'x-kubernetes-group-version-kind': [{ group: '', kind: 'ComponentStatus', version: 'v1' }],
  });
});

test('apps/v1 – types that are kinds of several groups – have these groups', () => {
  const { schemas } = parsed(api.v3('apis/apps/v1')).components;
  const kindsOf = (name: string) => schemas[name]!['x-kubernetes-group-version-kind'];
  assert.deepEqual(kindsOf('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'), [
    { group: '', kind: 'DeleteOptions', version: 'v1' },
    { group: 'apps', kind: 'DeleteOptions', version: 'v1' },
  ]);
  assert.deepEqual(kindsOf('io.k8s.api.core.v1.PersistentVolumeClaim'), [
    { group: '', kind: 'PersistentVolumeClaim', version: 'v1' },
  ]);
});

test('a document beside the resources – is that of upstream', () => {
  assert.deepEqual(parsed(api.v3('openid/v1/jwks')), {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: '1.36' },
    paths: {
      '/openid/v1/jwks/': {
        get: {
          tags: ['openid'],
          operationId: 'getServiceAccountIssuerOpenIDKeyset',
          responses: {
            '200': {
              description: 'OK',
              content: { 'application/jwk-set+json': { schema: { type: 'string' } } },
            },
            '401': { description: 'Unauthorized' },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          name: 'authorization',
          in: 'header',
          description: 'Bearer Token authentication',
        },
      },
    },
  });
});

test('version 2 – of a path, a schema – has what upstream publishes, with its parameters in place', () => {
  const { paths, definitions } = parsed(api.v2());
  assert.deepEqual(withoutTexts(paths['/api/v1/namespaces/{namespace}/pods/{name}/log']), {
    get: {
      consumes: ['*/*'],
      produces: ['text/plain', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'],
      schemes: ['https'],
      tags: ['core_v1'],
      operationId: 'readCoreV1NamespacedPodLog',
      responses: {
        '200': { description: 'OK', schema: { type: 'string' } },
        '401': { description: 'Unauthorized' },
      },
      'x-kubernetes-action': 'get',
      'x-kubernetes-group-version-kind': { group: '', kind: 'Pod', version: 'v1' },
    },
    parameters: [
      { uniqueItems: true, type: 'string', name: 'container', in: 'query' },
      { uniqueItems: true, type: 'boolean', name: 'follow', in: 'query' },
      { uniqueItems: true, type: 'boolean', name: 'insecureSkipTLSVerifyBackend', in: 'query' },
      { uniqueItems: true, type: 'integer', name: 'limitBytes', in: 'query' },
      { uniqueItems: true, type: 'string', name: 'name', in: 'path', required: true },
      { uniqueItems: true, type: 'string', name: 'namespace', in: 'path', required: true },
      { uniqueItems: true, type: 'string', name: 'pretty', in: 'query' },
      { uniqueItems: true, type: 'boolean', name: 'previous', in: 'query' },
      { uniqueItems: true, type: 'integer', name: 'sinceSeconds', in: 'query' },
      { uniqueItems: true, type: 'string', name: 'stream', in: 'query' },
      { uniqueItems: true, type: 'integer', name: 'tailLines', in: 'query' },
      { uniqueItems: true, type: 'boolean', name: 'timestamps', in: 'query' },
    ],
  });
  assert.deepEqual(withoutTexts(definitions['io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry']), {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      fieldsType: { type: 'string' },
      fieldsV1: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1' },
      manager: { type: 'string' },
      operation: { type: 'string' },
      subresource: { type: 'string' },
      time: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Time' },
    },
  });
});
