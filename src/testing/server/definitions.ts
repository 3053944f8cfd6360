/** For tests: a server of custom resources, and definitions for it. */

import type { TestContext } from 'node:test';
import { customResourceDefinitions, namespaces } from '#api/generated/kinds.gen.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { AnyObject, Stored } from '#api/meta/object.ts';
import { type ResourceType, resourceType } from '#api/meta/resource.ts';
import type { Client } from '#client/client.ts';
import type { Store } from '#store/store.ts';
import { startTestServer } from './test-server.ts';

export interface CustomServer {
  readonly client: Client;
  /** The answer to a request as parsed JSON, with its code and its warnings. A text is sent as it stands. */
  send(
    method: string,
    path: string,
    body?: object | string,
    headers?: Record<string, string>,
  ): Promise<{ code: number; body: AnyObject & { message?: string }; text: string; warnings: string }>;
}

/** Stops when the test ends. */
export async function startCustomServer(t: TestContext, store?: Store): Promise<CustomServer> {
  const server = await startTestServer({ customResources: true, ...(store ? { store } : {}) });
  t.after(() => server.stop());
  const { client, transport } = server;
  if (!server.server.reader.get(namespaces, '', 'default')) {
    await client.create(namespaces, { metadata: { name: 'default' } });
  }
  return {
    client,
    async send(method, path, body, headers = {}) {
      const answer = await transport.request({
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body ? { body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) } : {}),
      });
      const text = Buffer.concat([answer.body as Uint8Array].flat()).toString();
      return {
        code: answer.status,
        body: text.startsWith('{') ? JSON.parse(text) : { message: text },
        text,
        warnings: answer.headers['warning'] ?? '',
      };
    },
  };
}

export const gadgets: ResourceType<AnyObject> = resourceType('example.com', 'v1', 'gadgets', 'Gadget', true);

/** Of `gadgets.example.com`, with this schema of its spec. */
export function gadgetDefinition(
  spec: JSONSchemaProps,
  version: Partial<CustomResourceDefinitionVersion> = {},
): CustomResourceDefinition {
  return {
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
          ...version,
        },
      ],
    },
  };
}

/** Creates the definition, and waits until its objects can be created. */
export async function establish(
  client: Client,
  definition: CustomResourceDefinition,
): Promise<Stored<CustomResourceDefinition>> {
  await client.create(customResourceDefinitions, definition);
  return definitionThat(client, definition.metadata!.name!, ({ status }) =>
    isConditionTrue(status, 'Established'),
  );
}

/** The definition as soon as it is as it should be. */
export async function definitionThat(
  client: Client,
  name: string,
  isReady: (definition: Stored<CustomResourceDefinition>) => boolean,
): Promise<Stored<CustomResourceDefinition>> {
  const abort = new AbortController();
  const fieldSelector = `metadata.name=${name}`;
  const events = client.watch(customResourceDefinitions, { fieldSelector, signal: abort.signal });
  for await (const { type, object } of events) {
    if (type === 'DELETED' || !isReady(object)) continue;
    abort.abort();
    return object;
  }
  throw new Error(`${name} has not become what was waited for`);
}
