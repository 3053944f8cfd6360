/** An update may leave out what kind of object it is; the chain goes on with one that says it. */

import type { ObjectWrite } from '../write.ts';

export function takeKind(write: ObjectWrite): void {
  if (write.operation === 'CREATE') return;
  const { object, served } = write;
  object.kind = served.def.kind;
  object.apiVersion = served.apiVersion;
  object.metadata ??= {};
}
