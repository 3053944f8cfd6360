/** Rejects an update whose resourceVersion is not the current one, and sets the current one otherwise. */

import type { AnyObject } from '#api/meta/object.ts';
import { conflict, invalid, objectModified, type StatusError } from '#api/meta/status.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import type { ObjectWrite } from '../write.ts';

export function takeVersion(write: ObjectWrite): void {
  if (write.operation === 'CREATE') return;
  const { object, revision } = write;
  checkVersion(write, object);
  object.metadata!.resourceVersion = String(revision);
}

function checkVersion({ served, name, revision }: ObjectWrite, object: AnyObject): void {
  object.metadata ??= {};
  const { resourceVersion } = object.metadata;
  if (!resourceVersion || resourceVersion === '0') {
    if (served.strategy.allowUnconditionalUpdate === false) throw versionRequired(served, name);
  } else if (resourceVersion !== String(revision)) {
    throw conflict(served.def, name, objectModified);
  }
}

/** As upstream: names the resource, where other errors of this form name the kind. */
function versionRequired({ def }: ObjectWrite['served'], name: string): StatusError {
  const error = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
  return invalid({ group: def.group, kind: def.resource }, name, [error]);
}
