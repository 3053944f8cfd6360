/** Event of the core group: something that happened to an object, kept for an hour. */

import { events } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { uncounted } from '../../kind/quota.ts';
import { pathSegmentName } from '../../validation/validators.ts';
import { eventCells, eventColumns } from './columns.ts';
import { referenceFields, validateEvent } from './validation.ts';

export const event = defineKind(events, {
  allowCreateOnUpdate: true,
  quota: uncounted,
  validate: (event) => validateEvent(event, 'reportingComponent'),
  selectableFields(event) {
    return {
      ...referenceFields('involvedObject', event.involvedObject),
      reason: event.reason ?? '',
      reportingComponent: event.reportingComponent ?? '',
      source: event.source?.component || event.reportingComponent || '',
      type: event.type ?? '',
    };
  },
  // Names of core events are not validated further, but they are path segments.
  nameRule: pathSegmentName,
  updateChecks: ['change'],
  takesPlainFinalizers: true,
  printer: {
    columns: eventColumns,
    cells: eventCells,
  },
});
