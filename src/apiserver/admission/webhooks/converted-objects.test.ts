/** Webhooks that mean another version of a custom object, which a conversion webhook has to make. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JSONSchemaProps } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { systemEnv } from '#host/system-env.ts';
import { establish, gadgetDefinition, gadgets } from '#testing/server/definitions.ts';
import { patchOf, startHooks } from '#testing/server/hooks.ts';
import { convertHostPorts } from '#testing/server/host-port-conversion.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';

const text: JSONSchemaProps = { type: 'string' };

function convertingDefinition(url: string, caBundle: string) {
  const definition = gadgetDefinition({ type: 'object', properties: { hostPort: text } });
  const [v1] = definition.spec.versions;
  const spec = { type: 'object', properties: { host: text, port: text } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  definition.spec.versions.push({ ...v1!, name: 'v2', storage: false, schema });
  const clientConfig = { url, caBundle };
  definition.spec.conversion = {
    strategy: 'Webhook',
    webhook: { clientConfig, conversionReviewVersions: ['v1'] },
  };
  return definition;
}

test('a custom object – that webhooks see in a version made by a webhook – is shown, and patched, in that version', async (t) => {
  const { api, answer, asked, configure } = await startHooks(t, { clock: systemEnv().clock });
  await using conversion = await startTestWebhook(({ body }) => convertHostPorts(body));
  await establish(api.client, convertingDefinition(conversion.url, conversion.caBundle));
  const rule = { operations: ['*'], apiGroups: ['example.com'], apiVersions: ['v2'], resources: ['gadgets'] };
  await configure('mutating', 'change', { rules: [rule] });
  await configure('validating', 'judge', { rules: [rule] });
  answer('/change', () => patchOf({ op: 'replace', path: '/spec/port', value: '9' }));
  const gadget = (hostPort: string) =>
    ({ metadata: { name: 'x', namespace: 'default' }, spec: { hostPort } }) as unknown as AnyObject;
  const made = await api.client.create(gadgets, gadget('a:1'));
  assert.deepEqual(made['spec'], { hostPort: 'a:9' });
  const specsOf = (path: string) =>
    asked(path).map(({ object, oldObject }) => [object?.['spec'], oldObject?.['spec']]);
  await api.client.update(gadgets, { ...gadget('b:2'), metadata: made.metadata });
  assert.deepEqual(specsOf('/change'), [
    [{ host: 'a', port: '1' }, undefined],
    [
      { host: 'b', port: '2' },
      { host: 'a', port: '9' },
    ],
  ]);
  assert.deepEqual(specsOf('/judge'), [
    [{ host: 'a', port: '9' }, undefined],
    [
      { host: 'b', port: '9' },
      { host: 'a', port: '9' },
    ],
  ]);
});
