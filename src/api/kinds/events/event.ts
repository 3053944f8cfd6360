/** Event of the core group: what happened to an object, kept for an hour. */

import type { Event } from '../../generated/types.gen.ts';
import type { Strategy } from '../shared/strategy.ts';
import { referenceFields, validateEvent } from './validation.ts';

export const event: Strategy<Event> = {
  allowCreateOnUpdate: true,
  setDefaults(event) {
    event.involvedObject ??= {};
    event.source ??= {};
    event.reportingComponent ??= '';
    event.reportingInstance ??= '';
  },
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
};
