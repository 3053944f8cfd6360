/** Sets apiVersion and kind of the object, which an update may omit. */

import type { ObjectWrite } from '../write.ts';

export function takeKind(write: ObjectWrite): void {
  if (write.operation === 'CREATE') return;
  const { object, served } = write;
  object.kind = served.def.kind;
  object.apiVersion = served.apiVersion;
  object.metadata ??= {};
}
