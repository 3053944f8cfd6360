/** The shape of one check of what a kubelet writes, and how it refuses. */

import { forbidden } from '#api/meta/status.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';

export type Check = (
  reader: ObjectReader,
  node: string,
  attributes: AdmissionAttributes,
) => Promise<void> | void;

export function refuse({ type, name }: AdmissionAttributes, why: string): Error {
  return forbidden(type, name, why);
}
