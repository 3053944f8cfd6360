/**
 * Objects that were declared unchangeable: their data stays, their labels may change, and they can be
 * deleted.
 */

import assert from 'node:assert/strict';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { ConfigMap, Secret } from '#api/generated/types.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { change, isGone, refusal } from '../../shared/workloads.ts';

export function staysAsDeclared(codename: string, kind: 'configMap' | 'secret'): Behaviour {
  const type = (kind === 'configMap' ? configMaps : secrets) as ResourceType<ConfigMap | Secret>;
  return behaviour(codename, async ({ client, namespace }) => {
    const key = { namespace, name: 'fixed' };
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    await client.create(type, { metadata: key, data: { 'data-1': encoded('value-1') } });
    const setData = (object: ConfigMap | Secret) => {
      object.data = { ...object.data, 'data-4': encoded('value-4') };
    };
    await change(client, type, key, setData);
    await change(client, type, key, (object) => {
      object.immutable = true;
    });
    const another = (object: ConfigMap | Secret) => {
      object.data = { ...object.data, 'data-5': encoded('value-5') };
    };
    assert.equal((await refusal(change(client, type, key, another))).code, 422);
    const loosened = change(client, type, key, (object) => {
      object.immutable = false;
    });
    assert.equal((await refusal(loosened)).code, 422);
    await change(client, type, key, ({ metadata }) => {
      metadata.labels = { labelled: 'yes' };
    });
    assert.equal((await client.get(type, key)).metadata.labels?.['labelled'], 'yes');
    await client.delete(type, key);
    assert.ok(await isGone(client, type, key));
  });
}
