/** POST to a collection. */

import type { AnyObject } from '#api/meta/object.ts';
import { forbidden } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { checkNamespace } from '../codec/decode/check-identity.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { withoutUnreadVersion } from '../codec/decode/resource-version.ts';
import { encodeBytes } from '../codec/encode/encode-object.ts';
import type { Exchange } from '../request/exchange.ts';
import { expectedKind, type Target } from '../storage/read/target.ts';
import { createObject } from '../storage/write/create-object.ts';
import type { Written } from '../storage/write/write.ts';
import { writeContext } from './write-params.ts';

export async function createHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const written = await create(exchange, target);
  return encodeBytes(exchange, target.served, 201, written.bytes);
}

/** Apart, so that nothing here holds the object while its bytes wait for the disk. */
function create(exchange: Exchange, target: Target): Promise<Written> {
  const { served, namespace } = target;
  const context = writeContext(exchange, 'CreateOptions');
  const object = read(exchange, target);
  // A large YAML body was read once, elsewhere: its object is changed by the first attempt.
  const readAgain = exchange.largeYaml ? undefined : () => read(exchange, target);
  return createObject(exchange.parts, served, namespace, object, context, readAgain);
}

function read(exchange: Exchange, { served, namespace }: Target): AnyObject {
  const object = readObject(exchange, expectedKind(served));
  checkNamespace(object, namespace);
  const { refusesCreate } = served.kind;
  if (refusesCreate) throw forbidden(served.def, object.metadata?.name ?? '', refusesCreate);
  return withoutUnreadVersion(object);
}
