/** PUT of an object or of one of its subresources. */

import type { AnyObject } from '#api/object.ts';
import { badRequest } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import { readObject } from '../decode/read-object.ts';
import { withReadVersion } from '../decode/resource-version.ts';
import { writeContext } from '../decode/write-params.ts';
import { encodeBytes } from '../encode/encode-object.ts';
import type { Exchange } from '../exchange.ts';
import { updateObject } from '../objects/update-object.ts';
import { expectedKind, type Target } from './target.ts';

export async function updateHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const { served, namespace, name } = target;
  const context = writeContext(exchange, 'UpdateOptions');
  const object = readObject(exchange, expectedKind(served));
  checkName(object, namespace, name);
  if (served.def.namespaced) object.metadata!.namespace = namespace;
  const update = {
    change: () => withReadVersion(structuredClone(object)),
    ...(object.metadata!.uid ? { expectedUid: object.metadata!.uid } : {}),
    mayCreate: served.strategy.allowCreateOnUpdate === true,
  };
  const written = await updateObject(exchange.core, served, namespace, name, update, context);
  return encodeBytes(exchange, served, written.created ? 201 : 200, written.bytes);
}

function checkName(object: AnyObject, namespace: string, name: string): void {
  object.metadata ??= {};
  const given = object.metadata.name ?? '';
  if (given === '') {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
  const where = object.metadata.namespace ?? '';
  if (namespace !== '' && where !== '' && where !== namespace) {
    throw badRequest(
      `the namespace of the object (${where}) does not match the namespace on the request (${namespace})`,
    );
  }
}
