/**
 * What a kubelet may write besides pods and its node: its own resource slices, a few fields of a claim's
 * status.
 */

import { resourceSlices } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, ResourceSlice } from '#api/generated/types.gen.ts';
import { describeChanges } from '#api/kinds/pods/validation/spec-diff.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';
import { type Check, refuse } from './check.ts';

function admitSlice(reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  const { operation, object, oldObject, name } = attributes;
  if (operation !== 'CREATE' && operation !== 'DELETE') return;
  const slice = operation === 'CREATE' ? object : (oldObject ?? readObject(reader, resourceSlices, '', name));
  if ((slice as ResourceSlice | undefined)?.spec?.nodeName === node) return;
  const verb = operation === 'CREATE' ? 'create' : 'delete';
  throw refuse(attributes, `can only ${verb} ResourceSlice with the same NodeName as the requesting node`);
}

function admitClaim(_reader: ObjectReader, _node: string, attributes: AdmissionAttributes): void {
  throw refuse(attributes, 'may only update PVC status');
}

function admitClaimStatus(_reader: ObjectReader, node: string, attributes: AdmissionAttributes): void {
  if (attributes.operation !== 'UPDATE') {
    throw refuse(attributes, `unexpected operation "${attributes.operation}"`);
  }
  const [now, old] = [withoutResized(attributes.object), withoutResized(attributes.oldObject)];
  if (deepEqual(now, old, 'io.k8s.api.core.v1.PersistentVolumeClaim')) return;
  const why = 'is not allowed to update fields other than status.quantity and status.conditions';
  throw refuse(attributes, `node "${node}" ${why}: ${describeChanges(old, now, 'PersistentVolumeClaim')}`);
}

/** The claim without the fields of its status that a kubelet writes after it has expanded the volume. */
function withoutResized(object: AnyObject | undefined): AnyObject {
  const claim = (object ?? {}) as PersistentVolumeClaim;
  const { resourceVersion: _version, managedFields: _managed, ...metadata } = claim.metadata ?? {};
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResources: _allocated,
    allocatedResourceStatuses: _statuses,
    ...status
  } = claim.status ?? {};
  return { ...claim, metadata, status } as AnyObject;
}

export const objectChecks: Readonly<Record<string, Check>> = {
  'resourceslices.resource.k8s.io': admitSlice,
  persistentvolumeclaims: admitClaim,
  'persistentvolumeclaims/status': admitClaimStatus,
};
