/** PATCH of an object or of one of its subresources. */

import type { AnyObject } from '#api/object.ts';
import type { ApiResponse } from '#client/transport.ts';
import { checkIdentity } from '../decode/check-identity.ts';
import { withReadVersion } from '../decode/resource-version.ts';
import { writeContext } from '../decode/write-params.ts';
import { encodeBytes } from '../encode/encode-object.ts';
import type { Exchange } from '../exchange.ts';
import { updateObject } from '../objects/update-object.ts';
import { patchOf, patchTypeOf } from './apply-patch.ts';
import { expectedKind, type Target } from './target.ts';

export async function patchHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const { served, namespace, name } = target;
  const type = patchTypeOf(exchange);
  const context = writeContext(exchange, 'PatchOptions');
  const patch = patchOf(exchange, type, expectedKind(served));
  const update = {
    change: (old: AnyObject | undefined) => patched(patch(old!), target),
    mayCreate: false,
  };
  const written = await updateObject(exchange.core, served, namespace, name, update, context);
  return encodeBytes(exchange, served, 200, written.bytes);
}

function patched(object: AnyObject, target: Target): AnyObject {
  checkIdentity(object, target);
  return withReadVersion(object);
}
