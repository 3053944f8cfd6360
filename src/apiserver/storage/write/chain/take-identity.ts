/** After admission: a webhook may have changed the name of a created object, but not a namespace. */

import { badRequest } from '#api/meta/status.ts';
import type { ObjectWrite } from '../write.ts';

export function takeIdentity(write: ObjectWrite): void {
  const { object, served, parts } = write;
  object.metadata ??= {};
  const { metadata } = object;
  if (!served.def.namespaced) delete metadata.namespace;
  else if (!metadata.namespace) metadata.namespace = write.namespace;
  else if (metadata.namespace !== write.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (write.operation !== 'CREATE') return;
  if (served.strategy.needsNoName) metadata.name ||= parts.env.random.uuid();
  write.name = metadata.name ?? '';
}
