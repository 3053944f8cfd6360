/** PATCH of an object or of one of its subresources. */

import type { AnyObject } from '#api/meta/object.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { checkIdentity } from '../codec/decode/check-identity.ts';
import { withReadVersion } from '../codec/decode/resource-version.ts';
import { encodeBytes } from '../codec/encode/encode-object.ts';
import type { Exchange } from '../request/exchange.ts';
import { expectedKind, type Target } from '../storage/read/target.ts';
import { updateObject } from '../storage/write/update-object.ts';
import { applyHandler } from './apply.ts';
import { patchOf, patchTypeOf } from './apply-patch.ts';
import { writeContext } from './write-params.ts';

/** `authorizeCreate` throws when the user may not create what a configuration is applied to. */
export async function patchHandler(
  exchange: Exchange,
  target: Target,
  authorizeCreate: () => undefined | Promise<undefined>,
): Promise<ApiResponse> {
  const { served, namespace, name } = target;
  const type = patchTypeOf(exchange, served);
  if (type === 'apply') return applyHandler(exchange, target, authorizeCreate);
  const context = writeContext(exchange, 'PatchOptions');
  const patch = patchOf(exchange, type, expectedKind(served));
  const update = {
    change: (old: AnyObject | undefined) => patched(patch(old!), target),
  };
  const written = await updateObject(exchange.parts, served, namespace, name, update, context);
  return encodeBytes(exchange, served, 200, written.bytes);
}

function patched(object: AnyObject, target: Target): AnyObject {
  checkIdentity(object, target);
  return withReadVersion(object);
}
