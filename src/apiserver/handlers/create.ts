/** POST to a collection. */

import type { ApiResponse } from '#client/transport.ts';
import { checkNamespace } from '../decode/check-identity.ts';
import { readObject } from '../decode/read-object.ts';
import { withoutUnreadVersion } from '../decode/resource-version.ts';
import { writeContext } from '../decode/write-params.ts';
import { encodeBytes } from '../encode/encode-object.ts';
import type { Exchange } from '../exchange.ts';
import { createObject } from '../objects/create-object.ts';
import type { Written } from '../objects/write.ts';
import { expectedKind, type Target } from './target.ts';

export async function createHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const written = await create(exchange, target);
  return encodeBytes(exchange, target.served, 201, written.bytes);
}

/** Apart, so that nothing here holds the object while its bytes wait for the disk. */
function create(exchange: Exchange, { served, namespace }: Target): Promise<Written> {
  const context = writeContext(exchange, 'CreateOptions');
  const object = readObject(exchange, expectedKind(served));
  checkNamespace(object, namespace);
  return createObject(exchange.core, served, namespace, withoutUnreadVersion(object), context);
}
