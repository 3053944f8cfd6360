/**
 * The one place that calls admission: first the plugins that change the object, and, last, those that only
 * judge it.
 */

import type { AdmissionAttributes } from '../../../contract/admission.ts';
import type { Write } from '../write.ts';

export function mutate(write: Write): Promise<void> | undefined {
  // Upstream draws a name only after this: what is refused here is called by its prefix.
  const name = write.generateName ?? write.name;
  return write.parts.admission.mutate(attributesOf(write, name, write.object));
}

export function admit(write: Write): Promise<void> | undefined {
  const { view, object } = write;
  return write.parts.admission.validate(
    attributesOf(write, write.name, object && view ? view.of(object) : object),
  );
}

function attributesOf(
  write: Write,
  name: string,
  object: AdmissionAttributes['object'],
): AdmissionAttributes {
  const { view, old } = write;
  return {
    operation: write.operation,
    type: write.served.type,
    subresource: view?.subresource ?? write.subresource,
    namespace: write.namespace,
    name,
    object,
    oldObject: old && view ? view.of(old) : old,
    user: write.user,
    dryRun: write.dryRun,
    isNameDrawn: write.generateName !== undefined,
    deletion: write.deletion,
    request: write.request,
    warn: write.warn,
  };
}
