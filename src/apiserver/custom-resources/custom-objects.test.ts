/** Custom objects through a server: validation, rules, subresources, columns, selection, ownership, discovery. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { establish, gadgetDefinition, startCustomServer } from '#testing/server/definitions.ts';

const path = '/apis/example.com/v1/namespaces/default/gadgets';
const merge = { 'content-type': 'application/merge-patch+json' };

const gadget = (name: string, spec: object = {}, more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Gadget',
  metadata: { name },
  spec,
  ...more,
});

async function serverOf(
  t: TestContext,
  properties: Record<string, JSONSchemaProps>,
  version: Partial<CustomResourceDefinitionVersion> = {},
  more: Partial<JSONSchemaProps> = {},
) {
  const server = await startCustomServer(t);
  await establish(server.client, gadgetDefinition({ type: 'object', properties, ...more }, version));
  return server;
}

const rows: [string, JSONSchemaProps, unknown, string | undefined][] = [
  [
    'a text for a number',
    { type: 'integer' },
    'x',
    'spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"',
  ],
  ['a whole number with a fraction', { type: 'integer' }, 1, undefined],
  [
    'a number that is too small',
    { type: 'integer', minimum: 2 },
    1,
    'spec.a: Invalid value: 1: spec.a in body should be greater than or equal to 2',
  ],
  [
    'a number that is not less',
    { type: 'number', maximum: 2.5, exclusiveMaximum: true },
    2.5,
    'spec.a: Invalid value: 2.5: spec.a in body should be less than 2.5',
  ],
  [
    'a value that is not listed',
    { type: 'string', enum: ['x', 'y'] },
    'z',
    'spec.a: Unsupported value: "z": supported values: "x", "y"',
  ],
  [
    'a text that does not match',
    { type: 'string', pattern: '^a+$' },
    'b',
    'spec.a: Invalid value: "b": spec.a in body should match \'^a+$\'',
  ],
  [
    'a text that is too long',
    { type: 'string', maxLength: 2 },
    'abc',
    'spec.a: Too long: may not be more than 2 bytes',
  ],
  [
    'a date that is none',
    { type: 'string', format: 'date' },
    '2024-13-01',
    'spec.a: Invalid value: "2024-13-01": spec.a in body must be of type date: "2024-13-01"',
  ],
  [
    'too many items',
    { type: 'array', maxItems: 1, items: { type: 'string' } },
    ['a', 'b'],
    'spec.a: Too many: 2: must have at most 1 items',
  ],
  [
    'an item of another type',
    { type: 'array', items: { type: 'string' } },
    ['a', 1],
    'spec.a[1]: Invalid value: "integer": spec.a[1] in body must be of type string: "integer"',
  ],
  [
    'a field that is missing',
    { type: 'object', required: ['b'], properties: { b: { type: 'string' } } },
    {},
    'spec.a.b: Required value',
  ],
  [
    'a member of a set twice',
    { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ['a', 'a'],
    'spec.a[1]: Duplicate value: "a"',
  ],
  [
    'two items with one key',
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
    },
    [{ k: 'a' }, { k: 'a' }],
    'spec.a[1]: Duplicate value: {"k":"a"}',
  ],
  [
    'none of several schemas',
    { type: 'integer', oneOf: [{ minimum: 5 }, { maximum: 1 }] },
    3,
    '[<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid, spec.a: Invalid value: 3: spec.a in body should be greater than or equal to 5]',
  ],
  [
    'a rule that fails',
    {
      type: 'integer',
      'x-kubernetes-validations': [{ rule: 'self > 5', message: 'must be more than five' }],
    },
    3,
    'spec.a: Invalid value: 3: must be more than five',
  ],
  [
    'a rule with a message of its own',
    {
      type: 'object',
      properties: { b: { type: 'integer' }, c: { type: 'string', maxLength: 9 } },
      'x-kubernetes-validations': [
        {
          rule: 'self.b > 5',
          messageExpression: '"b is not that of " + self.c',
          fieldPath: '.b',
          reason: 'FieldValueForbidden',
        },
      ],
    },
    { b: 3, c: 'x' },
    'spec.a.b: Forbidden: b is not that of x',
  ],
];

for (const [name, schema, value, expected] of rows) {
  test(`a custom object – with ${name} – ${expected ? 'is refused' : 'is taken'}`, async (t) => {
    const { send } = await serverOf(t, { a: schema });
    const { code, body } = await send('POST', path, gadget('x', { a: value }));
    const refused = `Gadget.example.com "x" is invalid: ${expected}`;
    assert.deepEqual([code, body.message], expected ? [422, refused] : [201, undefined]);
  });
}

test('a custom object – updated – unchanged violations stay, a transition rule is enforced', async (t) => {
  const rule = { rule: 'self >= oldSelf', message: 'must not become less' };
  const { send } = await serverOf(t, {
    a: { type: 'string' },
    n: { type: 'integer', 'x-kubernetes-validations': [rule] },
  });
  await send('POST', path, gadget('x', { a: 'long', n: 3 }));
  const less = await send('PATCH', `${path}/x`, { spec: { n: 2 } }, merge);
  assert.equal(
    less.body.message,
    'Gadget.example.com "x" is invalid: spec.n: Invalid value: 2: must not become less',
  );
  assert.equal((await send('PATCH', `${path}/x`, { spec: { n: 4 } }, merge)).code, 200);
});

test('a custom object – with a status – the main path and the status path change only their own part', async (t) => {
  const { send } = await serverOf(
    t,
    { a: { type: 'string' } },
    {
      subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: { type: 'object', properties: { a: { type: 'string' } } },
            status: { type: 'object', properties: { n: { type: 'integer' } } },
          },
        },
      },
    },
  );
  const created = await send('POST', path, gadget('x', { a: 'b' }, { status: { n: 1 } }));
  assert.equal(created.body['status'], undefined);
  const changed = await send(
    'PATCH',
    `${path}/x/status`,
    { metadata: { labels: { l: 'v' } }, spec: { a: 'c' }, status: { n: 2 } },
    merge,
  );
  assert.deepEqual(
    [
      changed.body['spec'],
      changed.body['status'],
      changed.body.metadata?.labels,
      changed.body.metadata?.generation,
    ],
    [{ a: 'b' }, { n: 2 }, undefined, 1],
  );
  const wrong = await send('PATCH', `${path}/x/status`, { status: { n: 'x' } }, merge);
  assert.equal(
    wrong.body.message,
    'Gadget.example.com "x" is invalid: status.n: Invalid value: "string": n in body must be of type integer: "string"',
  );
});

test('a custom object – whose spec gets an empty list, null or an empty map – has another generation', async (t) => {
  const { send } = await serverOf(t, {}, {}, { 'x-kubernetes-preserve-unknown-fields': true });
  const created = await send('POST', path, gadget('x', { a: [], b: null }));
  const generations: unknown[] = [];
  for (const spec of [
    { a: [], b: null },
    { a: [], b: null, c: [] },
    { a: [], b: null },
    { a: [] },
    { a: [], d: {} },
  ]) {
    const { uid } = created.body.metadata!;
    const now = await send('GET', `${path}/x`);
    const { resourceVersion } = now.body.metadata!;
    const put = await send('PUT', `${path}/x`, {
      ...gadget('x', spec),
      metadata: { name: 'x', uid, resourceVersion },
    });
    generations.push(put.body.metadata?.generation);
  }
  assert.deepEqual(generations, [1, 2, 3, 4, 5]);
});

test('a custom object – in a table – has the columns of its definition', async (t) => {
  const { send } = await serverOf(
    t,
    { a: { type: 'string' }, n: { type: 'integer' } },
    {
      additionalPrinterColumns: [
        { name: 'A', type: 'string', jsonPath: '.spec.a' },
        { name: 'N', type: 'integer', jsonPath: '.spec.n', priority: 1 },
        { name: 'Born', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  );
  await send('POST', path, gadget('x', { a: 'b' }));
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const { body } = await send('GET', path, undefined, { accept });
  const { columnDefinitions, rows } = body as unknown as {
    columnDefinitions: { name: string; priority: number }[];
    rows: { cells: unknown[] }[];
  };
  assert.deepEqual(
    columnDefinitions.map(({ name, priority }) => [name, priority]),
    [
      ['Name', 0],
      ['A', 0],
      ['N', 1],
      ['Born', 0],
    ],
  );
  assert.deepEqual(rows[0]?.cells.slice(0, 3), ['x', 'b', null]);
});

test('custom objects – selected by a field of theirs – only those are listed', async (t) => {
  const { send } = await serverOf(
    t,
    { a: { type: 'string' } },
    { selectableFields: [{ jsonPath: '.spec.a' }] },
  );
  await send('POST', path, gadget('x', { a: 'b' }));
  await send('POST', path, gadget('y', { a: 'c' }));
  const { body } = await send('GET', `${path}?fieldSelector=spec.a%3Db`);
  assert.deepEqual(
    (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name),
    ['x'],
  );
  const unknown = await send('GET', `${path}?fieldSelector=spec.z%3Db`);
  assert.deepEqual([unknown.code, unknown.body.message], [400, 'field label not supported: spec.z']);
});

test('a custom object – changed by a strategic patch, or requested in protobuf – is refused', async (t) => {
  const { send } = await serverOf(t, { a: { type: 'string' } });
  await send('POST', path, gadget('x', { a: 'b' }));
  const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
  const patched = await send('PATCH', `${path}/x`, {}, strategic);
  assert.deepEqual(
    [patched.code, patched.body.message],
    [
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ],
  );
  const read = await send('GET', `${path}/x`, undefined, { accept: 'application/vnd.kubernetes.protobuf' });
  assert.equal(read.code, 406);
});

test('a custom object – applied by two managers – each owns its fields, a list by keys is merged', async (t) => {
  const { send } = await serverOf(t, {
    a: { type: 'string' },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: {
        type: 'object',
        required: ['k'],
        properties: { k: { type: 'string' }, v: { type: 'string' } },
      },
    },
  });
  const apply = (manager: string, spec: object) =>
    send('PATCH', `${path}/x?fieldManager=${manager}`, gadget('x', spec), {
      'content-type': 'application/apply-patch+yaml',
    });
  assert.equal((await apply('one', { a: 'b', list: [{ k: '1', v: 'x' }] })).code, 201);
  const second = await apply('two', { list: [{ k: '2', v: 'y' }] });
  assert.deepEqual(second.body['spec'], {
    a: 'b',
    list: [
      { k: '1', v: 'x' },
      { k: '2', v: 'y' },
    ],
  });
  const conflict = await apply('two', { a: 'c' });
  assert.equal(conflict.code, 409);
  assert.match(conflict.body.message ?? '', /conflict with "one".*\.spec\.a/);
});

test('a definition – established – its resource is in discovery and in OpenAPI', async (t) => {
  const { send } = await serverOf(
    t,
    { a: { type: 'string', description: 'what it is' } },
    { subresources: { status: {} } },
  );
  const listed = await send('GET', '/apis/example.com/v1');
  assert.deepEqual(
    (listed.body['resources'] as { name: string }[]).map(({ name }) => name),
    ['gadgets', 'gadgets/status'],
  );
  const v3 = await send('GET', '/openapi/v3/apis/example.com/v1');
  type Properties = { properties: Record<string, Properties & { description?: string }> };
  const schemas = (v3.body as unknown as { components: { schemas: Record<string, Properties & object> } })
    .components.schemas;
  const schema = schemas['com.example.v1.Gadget']!;
  assert.equal(schema.properties['spec']?.properties['a']?.description, 'what it is');
  assert.deepEqual((schema as unknown as Record<string, unknown>)['x-kubernetes-group-version-kind'], [
    { group: 'example.com', version: 'v1', kind: 'Gadget' },
  ]);
  assert.ok(schemas['com.example.v1.GadgetList']);
  type V2Operation = { consumes: string[]; responses: object; tags: string[] };
  const v2 = (await send('GET', '/openapi/v2')).body as unknown as {
    definitions: Record<string, object>;
    paths: Record<string, Record<'patch' | 'put', V2Operation>>;
  };
  assert.ok(v2.definitions['com.example.v1.Gadget']);
  // kubectl takes the type of its patch from here.
  const [, item] = Object.entries(v2.paths).find(([path]) => /\/gadgets\/\{name\}$/.test(path))!;
  assert.deepEqual(item.patch.consumes, [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/apply-patch+yaml',
  ]);
  assert.deepEqual(Object.keys(item.patch.responses), ['200', '401']);
  assert.deepEqual(item.patch.tags, ['exampleCom_v1']);
  assert.deepEqual(item.put.consumes, ['application/json', 'application/yaml']);
});

test('a definition – whose rule costs too much – is refused with the estimate', async (t) => {
  const { send } = await startCustomServer(t);
  const definition = gadgetDefinition({
    type: 'object',
    properties: {
      list: {
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x == y))' }],
      },
    },
  });
  const { code, body } = await send(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    definition,
  );
  assert.equal(code, 422);
  assert.match(
    body.message ?? '',
    /rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x/,
  );
});

test('a definition – being deleted while an object is kept – no more objects are created, the kept one can be released', async (t) => {
  const { client, send } = await serverOf(t, { a: { type: 'string' } });
  const kept = gadget('x', {});
  await send('POST', path, { ...kept, metadata: { name: 'x', finalizers: ['example.com/keep'] } });
  await client.delete(customResourceDefinitions, { name: 'gadgets.example.com' });
  for (;;) {
    const { code, body } = await send('POST', path, gadget('y', {}));
    if (code === 201) {
      await send('DELETE', `${path}/y`);
      continue;
    }
    assert.deepEqual(
      [code, body.message],
      [
        403,
        'gadgets.example.com "y" is forbidden: create not allowed while custom resource definition is terminating',
      ],
    );
    break;
  }
  const released = await send('PATCH', `${path}/x`, { metadata: { finalizers: null } }, merge);
  assert.equal(released.code, 200);
});

test('a scale – of an object without replicas – fails, and is there once it has some', async (t) => {
  const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
  const { send } = await serverOf(t, { n: { type: 'integer' } }, { subresources: { scale } });
  await send('POST', path, gadget('x', {}));
  const missing = await send('GET', `${path}/x/scale`);
  assert.deepEqual(
    [missing.code, missing.body.message],
    [500, 'Internal error occurred: the spec replicas field ".spec.n" does not exist'],
  );
  await send('PATCH', `${path}/x`, { spec: { n: 2 } }, merge);
  assert.deepEqual((await send('GET', `${path}/x/scale`)).body['spec'], { replicas: 2 });
});

test('a scale – of an object without a namespace – is patched, and its replicas are owned through it', async (t) => {
  const server = await startCustomServer(t);
  const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
  const definition = gadgetDefinition(
    { type: 'object', properties: { n: { type: 'integer' } } },
    { subresources: { scale } },
  );
  await establish(server.client, { ...definition, spec: { ...definition.spec, scope: 'Cluster' } });
  const all = '/apis/example.com/v1/gadgets';
  const object = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'x' }, spec: { n: 1 } };
  await server.send('POST', all, object);
  const scaled = await server.send(
    'PATCH',
    `${all}/x/scale?fieldManager=m`,
    { spec: { replicas: 2 } },
    merge,
  );
  assert.deepEqual([scaled.code, scaled.body['spec']], [200, { replicas: 2 }]);
  const { metadata } = (await server.send('GET', `${all}/x`)).body as AnyObject;
  const owner = metadata!.managedFields!.find(({ manager }) => manager === 'm')!;
  assert.deepEqual([owner.subresource, owner.fieldsV1], ['scale', { 'f:spec': { 'f:n': {} } }]);
});

const long = '9007199254740993';
const withCount = (text: string) =>
  `{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"g"},"spec":{"count":${text}}}`;
const ways: readonly [way: string, method: string, type: string, body: string][] = [
  ['created', 'POST', 'application/json', withCount(long)],
  [
    'created as YAML',
    'POST',
    'application/yaml',
    `{apiVersion: example.com/v1, kind: Gadget, metadata: {name: g}, spec: {count: ${long}}}`,
  ],
  ['merged', 'PATCH', 'application/merge-patch+json', `{"spec":{"count":${long}}}`],
  [
    'patched',
    'PATCH',
    'application/json-patch+json',
    `[{"op":"add","path":"/spec","value":{"count":${long}}}]`,
  ],
  ['applied', 'PATCH', 'application/apply-patch+yaml', withCount(long)],
];

for (const [way, method, type, body] of ways) {
  test(`an integer that a double does not hold – ${way} in a custom resource – is stored and answered with all its digits`, async (t) => {
    const server = await serverOf(t, {}, {}, { 'x-kubernetes-preserve-unknown-fields': true });
    if (method === 'PATCH') await server.client.raw('POST', path, gadget('g'));
    const target = method === 'POST' ? path : `${path}/g?fieldManager=t`;
    const send = (text: string) => server.send(method, target, text, { 'content-type': type });
    const sent = await send(body);
    assert.ok(sent.code < 300, sent.body.message ?? '');
    assert.ok((await server.send('GET', `${path}/g`)).text.includes(`"count":${long}`));
    assert.ok((await server.send('GET', path)).text.includes(`"count":${long}`));
    const kept = await server.send('PATCH', `${path}/g?fieldManager=t`, '{"spec":{"other":1}}', {
      'content-type': 'application/merge-patch+json',
    });
    assert.ok(kept.code < 300, kept.body.message ?? '');
    assert.ok(
      (await server.send('GET', `${path}/g`)).text.includes(`"count":${long}`),
      'after another field was changed',
    );
  });
}

test('integers of 64 bits – in a typed field – are within its bounds, the rules of CEL see their value', async (t) => {
  const count: JSONSchemaProps = {
    type: 'integer',
    format: 'int64',
    minimum: 5,
    'x-kubernetes-validations': [{ rule: 'self != 9007199254740995', message: 'not this one' }],
  };
  const server = await serverOf(t, { count });
  const send = (text: string) =>
    server.send('POST', path, withCount(text), { 'content-type': 'application/json' });
  assert.match((await send('9007199254740995')).body.message ?? '', /not this one/);
  assert.match((await send('-9223372036854775807')).body.message ?? '', /greater than or equal to 5/);
  assert.equal((await send('9223372036854775807')).code, 201);
  assert.ok((await server.send('GET', `${path}/g`)).text.includes('"count":9223372036854775807'));
  const same = await server.send(
    'PATCH',
    `${path}/g`,
    '[{"op":"test","path":"/spec/count","value":9223372036854775807}]',
    { 'content-type': 'application/json-patch+json' },
  );
  assert.equal(same.code, 200);
});

test('an object – its defaults are more values than a body may have – is refused before they are set', async (t) => {
  const field = { type: 'string', default: 'x' };
  const properties = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, field]));
  const server = await serverOf(t, { list: { type: 'array', items: { type: 'object', properties } } });
  const list = Array.from({ length: 301 }, () => ({}));
  const { code, body } = await server.send('POST', path, gadget('many', { list }));
  assert.deepEqual(
    [code, body.message?.includes('131072 values'), body.message?.includes('with its defaults')],
    [413, true, true],
  );
});

test('a list – each item against many alternatives – is refused instead of validated for seconds', async (t) => {
  const anyOf = Array.from({ length: 500 }, (_, i) => ({ enum: [String(i)] }));
  const server = await serverOf(t, {
    a: { type: 'array', items: { type: 'string', anyOf } },
  });
  const few = await server.send('POST', path, gadget('few', { a: ['1', '499'] }));
  assert.equal(few.code, 201);
  const many = await server.send('POST', path, gadget('many', { a: Array(10_000).fill('x') }));
  assert.equal(many.code, 413);
  assert.match(many.body.message!, /to be validated in more than 500000 steps/);
});

test('a set – more items than an object may have keys – is stored without managedFields, and not applied', async (t) => {
  const server = await serverOf(t, {
    a: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'set' },
  });
  const large = gadget('large', { a: Array.from({ length: 70_000 }, (_, i) => i) });
  const created = await server.send('POST', path, large);
  assert.equal(created.code, 201);
  assert.equal(created.body.metadata!.managedFields, undefined);
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const applied = await server.send('PATCH', `${path}/other?fieldManager=a`, large, headers);
  assert.equal(applied.code, 413);
});

test('a list of custom objects – whole, indented, in YAML – has the kind and apiVersion of each, as no built-in list does', async (t) => {
  const { send } = await serverOf(t, { a: { type: 'string' } });
  await send('POST', path, gadget('x', { a: 'b' }));
  await send('POST', path, gadget('y', { a: 'c' }));
  for (const query of ['', '?pretty=1', '?limit=1', '?labelSelector=!none']) {
    const { body } = await send('GET', `${path}${query}`);
    for (const item of body['items'] as { apiVersion: string; kind: string }[]) {
      assert.deepEqual([item.apiVersion, item.kind], ['example.com/v1', 'Gadget'], query);
    }
  }
  const { text } = await send('GET', path, undefined, { accept: 'application/yaml' });
  assert.match(
    text,
    /^apiVersion: example.com\/v1\nitems:\n- apiVersion: example.com\/v1\n {2}kind: Gadget\n/,
  );
  const built = await send('GET', '/api/v1/namespaces');
  for (const item of built.body['items'] as object[]) assert.equal('kind' in item, false);
});
