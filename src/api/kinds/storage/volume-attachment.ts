/** VolumeAttachment: a volume to be attached to a node, and whether it is. */

import { volumeAttachments } from '../../generated/kinds.gen.ts';
import type { VolumeAttachment, VolumeAttachmentSpec, VolumeError } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  tooLong,
} from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import {
  byteLength,
  dns1123Subdomain,
  fieldIsImmutable,
  inRange,
  mapByteLength,
  maxInt32,
} from '../../validation/validators.ts';

import { setSourceDefaults } from '../pods/defaults/volumes.ts';
import { checkDriverName } from '../pods/validation/volumes/vendor.ts';

export const volumeAttachment = defineKind(volumeAttachments, {
  allowUnconditionalUpdate: false,
  hasGeneration: false,
  setDefaults({ spec }) {
    if (spec?.source?.inlineVolumeSpec) setSourceDefaults(spec.source.inlineVolumeSpec);
  },
  /** Upstream's status always contains `attached`. */
  prepareForCreate(attachment) {
    attachment.status = { attached: false };
  },
  prepareForUpdate: keepStatus,
  validate: validateAttachment,
  updateChecks: ['metadata', 'change'],
  validateUpdate: (now, old) => [...validateAttachment(now), ...checkSpecIsKept(now, old)],
  validateStatusUpdate: validateAttachment,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  printer: {
    columns: [
      nameColumn,
      column('Attacher', 'string', 0, 'name'),
      column('PV'),
      column('Node'),
      column('Attached', 'boolean'),
      ageColumn,
    ],
    cells: (attachment, now) => [
      nameOf(attachment),
      attachment.spec.attacher,
      attachment.spec.source.persistentVolumeName ?? '',
      attachment.spec.nodeName,
      attachment.status?.attached ?? false,
      ageOf(attachment, now),
    ],
  },
});

const metadataBytesMax = 256 * 1024;
const messageBytesMax = 1024;

function validateAttachment({ spec, status = { attached: false } }: VolumeAttachment): FieldError[] {
  const { attacher, nodeName, source = {} }: Partial<VolumeAttachmentSpec> = spec ?? {};
  const name = source.persistentVolumeName;
  return [
    ...checkDriverName('spec.attacher', attacher ?? ''),
    ...validateSource(source),
    ...checkField('spec.nodeName', nodeName, dns1123Subdomain),
    ...checkMetadata(status.attachmentMetadata ?? {}),
    ...checkError('status.attachError', status.attachError),
    ...checkError('status.detachError', status.detachError),
    ...(name === undefined ? [] : checkField('spec.source.persistentVolumeName', name, dns1123Subdomain)),
  ];
}

function validateSource({ inlineVolumeSpec, persistentVolumeName }: Source): FieldError[] {
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (!inlineVolumeSpec && persistentVolumeName === undefined) return [required('spec.source', text)];
  if (inlineVolumeSpec && persistentVolumeName !== undefined) return [forbiddenField('spec.source', text)];
  if (persistentVolumeName !== '') return [];
  return [required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName')];
}

type Source = VolumeAttachment['spec']['source'];

function checkMetadata(metadata: Record<string, string>): FieldError[] {
  if (mapByteLength(metadata) <= metadataBytesMax) return [];
  return [tooLong('status.attachmentMetadata', metadataBytesMax)];
}

function checkError(field: string, { message = '', errorCode = 0 }: VolumeError = {}): FieldError[] {
  // Upstream names the limit of the metadata here.
  const errors = byteLength(message) > messageBytesMax ? [tooLong(`${field}.message`, metadataBytesMax)] : [];
  if (errorCode >= 0) return errors;
  const wrong = inRange(errorCode, 0, maxInt32);
  return [...errors, ...wrong.map((text) => invalidValue(`${field}.errorCode`, errorCode, text))];
}

function checkSpecIsKept({ spec }: VolumeAttachment, old: VolumeAttachment): FieldError[] {
  if (deepEqual(spec, old.spec, 'io.k8s.api.storage.v1.VolumeAttachmentSpec')) return [];
  return [invalidValue('spec', internalText(spec, 'storage.VolumeAttachmentSpec'), fieldIsImmutable)];
}
