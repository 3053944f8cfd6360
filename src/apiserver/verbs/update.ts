/** PUT of an object or of one of its subresources. */

import type { AnyObject } from '#api/meta/object.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { checkIdentity } from '../codec/decode/check-identity.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { withReadVersion } from '../codec/decode/resource-version.ts';
import { encodeBytes } from '../codec/encode/encode-object.ts';
import type { Exchange } from '../request/exchange.ts';
import { expectedKind, type Target } from '../storage/read/target.ts';
import { updateObject } from '../storage/write/update-object.ts';
import { writeContext } from './write-params.ts';

/** `authorizeCreate` throws when the user may only change what is there. */
export async function updateHandler(
  exchange: Exchange,
  target: Target,
  authorizeCreate: () => undefined | Promise<undefined>,
): Promise<ApiResponse> {
  const { served, namespace, name } = target;
  const context = writeContext(exchange, 'UpdateOptions');
  const object = readObject(exchange, expectedKind(served));
  checkIdentity(object, target);
  let unused: AnyObject | undefined = object;
  const update = {
    isReplacement: true,
    // Read again for each further try, which are few: a copy for the first would take longer than all else
    // here.
    change: () => {
      const fresh = unused ?? readObject(exchange, expectedKind(served));
      unused = undefined;
      checkIdentity(fresh, target);
      return withReadVersion(fresh);
    },
    ...(object.metadata!.uid ? { expectedUid: object.metadata!.uid } : {}),
    ...(served.strategy.allowCreateOnUpdate ? { authorizeCreate } : {}),
  };
  const written = await updateObject(exchange.parts, served, namespace, name, update, context);
  return encodeBytes(exchange, served, written.created ? 201 : 200, written.bytes);
}
