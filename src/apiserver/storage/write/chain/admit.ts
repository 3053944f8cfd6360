/**
 * The only place that calls admission: first the mutating plugins, at the end of the chain the validating ones.
 */

import type { AdmissionAttributes } from '../../../contract/admission.ts';
import type { Write } from '../write.ts';

export function mutate(write: Write): Promise<void> | undefined {
  // Upstream generates a name only afterwards: errors of admission name the prefix.
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
