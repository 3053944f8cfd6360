/** The environment of mutations: that of admission, with the types that say what is to become of an object. */

import type { Environment } from '../declarations/environment.ts';
import { patches } from '../library/patches/library.ts';
import { patchObjectType } from '../library/patches/patch-object.ts';
import { patchOperationType } from '../library/patches/patch-operation.ts';
import { type CelType, listType } from '../types/type.ts';
import { type AdmissionVariables, admissionEnvironment } from './admission.ts';

/** What the expression of an ApplyConfiguration results in. */
export const configurationType: CelType = patchObjectType;
/** What the expression of a JSONPatch results in. */
export const operationsType: CelType = listType(patchOperationType);

export function mutationEnvironment(variables: AdmissionVariables): Environment {
  return admissionEnvironment(variables).including(patches);
}
