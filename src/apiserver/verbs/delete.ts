/** DELETE of one object. */

import type { ApiResponse } from '#client/transport/transport.ts';
import { encodeBytes } from '../codec/encode/encode-object.ts';
import { successResponse } from '../codec/encode/status-response.ts';
import type { Exchange } from '../request/exchange.ts';
import type { Target } from '../storage/read/target.ts';
import { deleteObject } from '../storage/write/delete-object.ts';
import { readDeletionRequest } from './read-deletion-request.ts';
import { writeContext } from './write-params.ts';

/** Resources whose DELETE answers with the object, where others answer with a Status. */
const answersWithObject = new Set([
  '/pods',
  '/services',
  '/serviceaccounts',
  '/podtemplates',
  '/resourcequotas',
  '/persistentvolumes',
  '/persistentvolumeclaims',
]);

export async function deleteHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const { served, namespace, name } = target;
  const { deletion, dryRun } = readDeletionRequest(exchange);
  const context = writeContext(exchange, 'DeleteOptions');
  const deleted = await deleteObject(exchange.parts, served, namespace, name, deletion, {
    ...context,
    dryRun: context.dryRun || dryRun,
  });
  const { group, resource } = served.def;
  if (!deleted.gone || answersWithObject.has(`${group}/${resource}`)) {
    const accepted = !deleted.gone && deletion.orphanDependents === false;
    return encodeBytes(exchange, served, accepted ? 202 : 200, deleted.bytes);
  }
  return successResponse(exchange, { name, ...(group ? { group } : {}), kind: resource, uid: deleted.uid });
}
