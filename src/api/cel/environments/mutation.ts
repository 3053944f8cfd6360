/** The environment of mutations: that of admission, with the types `Object` and `JSONPatch`. */

import type { Environment } from '../declarations/environment.ts';
import { patches } from '../library/patches/library.ts';
import { patchObjectType } from '../library/patches/patch-object.ts';
import { patchOperationType } from '../library/patches/patch-operation.ts';
import { type CelType, listType } from '../types/type.ts';
import { type AdmissionVariables, admissionEnvironment } from './admission.ts';

/** The result type of an ApplyConfiguration expression. */
export const configurationType: CelType = patchObjectType;
/** The result type of a JSONPatch expression. */
export const operationsType: CelType = listType(patchOperationType);

export function mutationEnvironment(variables: AdmissionVariables): Environment {
  return admissionEnvironment(variables).including(patches);
}
