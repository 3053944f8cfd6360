/** VolumeAttachment: a volume to be attached to a node, and whether it is. */

import { volumeAttachments } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { withoutStorageDrivers } from '../../kind/unbuilt.ts';

export const volumeAttachment = defineKind(volumeAttachments, {
  allowUnconditionalUpdate: false,
  hasGeneration: false,
  /** Upstream's status always contains `attached`. */
  prepareForCreate(attachment) {
    attachment.status = { attached: false };
  },
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  unbuilt: withoutStorageDrivers,
  printer: {
    columns: [
      nameColumn,
      column('Attacher', 'string', 0, 'name'),
      column('PV'),
      column('Node'),
      column('Attached', 'boolean'),
      ageColumn,
    ],
    cells: (attachment, nowMs) => [
      nameOf(attachment),
      attachment.spec.attacher,
      attachment.spec.source.persistentVolumeName ?? '',
      attachment.spec.nodeName,
      attachment.status?.attached ?? false,
      ageOf(attachment, nowMs),
    ],
  },
});
