/** PUT of an object or of one of its subresources. */

import type { ApiResponse } from '#client/transport.ts';
import { checkIdentity } from '../decode/check-identity.ts';
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
  checkIdentity(object, target);
  const update = {
    change: () => withReadVersion(structuredClone(object)),
    ...(object.metadata!.uid ? { expectedUid: object.metadata!.uid } : {}),
    mayCreate: served.strategy.allowCreateOnUpdate === true,
  };
  const written = await updateObject(exchange.core, served, namespace, name, update, context);
  return encodeBytes(exchange, served, written.created ? 201 : 200, written.bytes);
}
