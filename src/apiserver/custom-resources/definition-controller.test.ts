import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import {
  definitionThat,
  establish,
  gadgetDefinition,
  gadgets,
  startCustomServer,
} from '#testing/server/definitions.ts';

const spec = { type: 'object', properties: { size: { type: 'integer', default: 3 } } };
const path = '/apis/example.com/v1/namespaces/default/gadgets';
const gadget = (name: string, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Gadget',
  metadata: { name, namespace: 'default' },
  spec,
});

const conditionsOf = ({
  status,
}: {
  status?: { conditions?: { type: string; status: string; reason?: string }[] | null };
}) => (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);

test('a definition – created – is established, and its objects can be created, read, changed and deleted', async (t) => {
  const { client, send } = await startCustomServer(t);
  const definition = await establish(client, gadgetDefinition(spec));
  assert.deepEqual(conditionsOf(definition), [
    'NamesAccepted=True NoConflicts',
    'Established=True InitialNamesAccepted',
  ]);
  assert.deepEqual(definition.status?.storedVersions, ['v1']);
  assert.equal(definition.status?.acceptedNames?.kind, 'Gadget');
  const ofServer = definition.metadata.managedFields!.find(({ subresource }) => subresource === 'status')!;
  // The lists that are null in a new definition have no owner.
  const { 'f:conditions': owned } = ofServer.fieldsV1!['f:status'] as Record<string, object>;
  assert.deepEqual(Object.keys(owned!), ['k:{"type":"Established"}', 'k:{"type":"NamesAccepted"}']);

  const created = await send('POST', path, gadget('a', { size: 1, unknown: true }));
  assert.equal(created.code, 201);
  assert.deepEqual(created.body['spec'], { size: 1 });
  assert.match(created.warnings, /unknown field \\"spec.unknown\\"/);
  const strict = await send('POST', `${path}?fieldValidation=Strict`, gadget('b', { unknown: true }));
  assert.equal(strict.code, 400);
  assert.equal(
    strict.body.message,
    'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.unknown"',
  );

  const { resourceVersion } = created.body.metadata!;
  const changed = await send('PUT', `${path}/a`, {
    ...gadget('a', { size: 2 }),
    metadata: { name: 'a', namespace: 'default', resourceVersion: resourceVersion! },
  });
  assert.equal(changed.body.metadata?.generation, 2);
  const defaulted = await send(
    'PATCH',
    `${path}/a`,
    { spec: { size: null } },
    { 'content-type': 'application/merge-patch+json' },
  );
  assert.deepEqual(defaulted.body['spec'], { size: 3 });
  assert.equal((await client.list(gadgets)).items.length, 1);
  await client.delete(gadgets, { namespace: 'default', name: 'a' });
  assert.equal((await client.list(gadgets)).items.length, 0);
});

test('a definition – deleted with objects – the objects are deleted, then the definition, and its path is 404', async (t) => {
  const { client, send } = await startCustomServer(t);
  await establish(client, gadgetDefinition(spec));
  await client.create(gadgets, gadget('a'), {});
  const events = client.watch(customResourceDefinitions, {});
  await client.delete(customResourceDefinitions, { name: 'gadgets.example.com' });
  const seen: string[] = [];
  for await (const { type, object } of events) {
    seen.push(...conditionsOf(object).filter((text) => text.startsWith('Terminating')));
    if (type === 'DELETED') break;
  }
  assert.deepEqual(
    [...new Set(seen)],
    ['Terminating=True InstanceDeletionPending', 'Terminating=True InstanceDeletionInProgress'],
  );
  for (;;) {
    const { code } = await send('GET', path);
    if (code === 404) break;
  }
});

test('two definitions of a group – with names in common – the second is not established until the first is deleted', async (t) => {
  const { client } = await startCustomServer(t);
  await establish(client, gadgetDefinition(spec));
  const other = gadgetDefinition(spec);
  other.metadata!.name = 'gizmos.example.com';
  other.spec.names = { plural: 'gizmos', singular: 'gadget', kind: 'Gadget', listKind: 'GizmoList' };
  await client.create(customResourceDefinitions, other);
  const refused = await definitionThat(client, 'gizmos.example.com', ({ status }) =>
    Boolean(status?.conditions),
  );
  assert.deepEqual(conditionsOf(refused), [
    'NamesAccepted=False KindConflict',
    'Established=False NotAccepted',
  ]);
  assert.equal(refused.status?.conditions?.[0]?.message, '"Gadget" is already in use');
  await client.delete(customResourceDefinitions, { name: 'gadgets.example.com' });
  const accepted = await definitionThat(client, 'gizmos.example.com', ({ status }) =>
    Boolean(status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')),
  );
  assert.deepEqual(conditionsOf(accepted), [
    'NamesAccepted=True NoConflicts',
    'Established=True InitialNamesAccepted',
  ]);
});

test('a definition – the server starts again over its store – its objects are served from the first request on', async (t) => {
  const store = openMemoryStore(systemEnv());
  const first = await startCustomServer(t, store);
  await establish(first.client, gadgetDefinition(spec));
  await first.client.create(gadgets, gadget('a', { size: 5 }));
  const second = await startCustomServer(t, store);
  assert.deepEqual((await second.send('GET', `${path}/a`)).body['spec'], { size: 5 });
});

test('a definition – replaced by one with another default and fewer fields – stored objects are read by the new schema', async (t) => {
  const { client, send } = await startCustomServer(t);
  const definition = await establish(
    client,
    gadgetDefinition({ type: 'object', properties: { size: { type: 'integer' }, old: { type: 'string' } } }),
  );
  await client.create(gadgets, gadget('a', { old: 'x' }));
  definition.spec.versions[0]!.schema!.openAPIV3Schema!.properties!['spec'] = spec;
  await client.update(customResourceDefinitions, definition);
  for (;;) {
    const { body } = await send('GET', `${path}/a`);
    if (Object.hasOwn(body['spec'] as object, 'old')) continue;
    assert.deepEqual(body['spec'], { size: 3 });
    break;
  }
});

test('a definition – its conversion webhook has a CA bundle that cannot be read – is not established until it has another, and then refuses such a one', async (t) => {
  const { client, send } = await startCustomServer(t);
  const conversion = (text: string) => ({
    strategy: 'Webhook',
    webhook: {
      conversionReviewVersions: ['v1'],
      clientConfig: { url: 'https://127.0.0.1:1/', caBundle: Buffer.from(text).toString('base64') },
    },
  });
  const definition = gadgetDefinition(spec);
  definition.spec.conversion = conversion('junk');
  await client.create(customResourceDefinitions, definition);
  const says = (reason: string) => (found: CustomResourceDefinition) =>
    conditionsOf(found).some((text) => text.endsWith(reason));
  const refused = await definitionThat(client, 'gadgets.example.com', says('InvalidCABundle'));
  assert.deepEqual(conditionsOf(refused), [
    'NamesAccepted=True NoConflicts',
    'Established=False InvalidCABundle',
  ]);
  assert.equal((await send('GET', path)).code, 404);
  const change = (text: string) =>
    client.patch(customResourceDefinitions, { name: 'gadgets.example.com' }, 'merge', {
      spec: { conversion: conversion(text) },
    });
  const none = { spec: { conversion: { strategy: 'None', webhook: null } } };
  await client.patch(customResourceDefinitions, { name: 'gadgets.example.com' }, 'merge', none);
  await definitionThat(client, 'gadgets.example.com', says('InitialNamesAccepted'));
  for (const [text, why] of [
    ['junk', 'unable to parse bytes as PEM block'],
    ['-----BEGIN X-----\nMIIB\n-----END X-----\n', 'no valid certificate authority data seen'],
    [
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      'failed to parse certificate: x509: malformed certificate',
    ],
  ] as const) {
    await assert.rejects(change(text), (error: Error) => {
      assert.ok(error.message.endsWith(`: unable to load root certificates: ${why}`), error.message);
      return true;
    });
  }
});
