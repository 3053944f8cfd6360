/** Event of the core group: what happened to an object, kept for an hour. */

import type { Strategy } from '../strategy.ts';
import type { Event } from '../types.gen.ts';
import { coreFacts, validateEvent } from './event-validation.ts';

export const event: Strategy<Event> = {
  allowCreateOnUpdate: true,
  setDefaults(event) {
    event.involvedObject ??= {};
    event.source ??= {};
    event.reportingComponent ??= '';
    event.reportingInstance ??= '';
  },
  validate: (event) => validateEvent(coreFacts(event), 'reportingComponent'),
  selectableFields(event) {
    const involved = event.involvedObject ?? {};
    return {
      'involvedObject.kind': involved.kind ?? '',
      'involvedObject.namespace': involved.namespace ?? '',
      'involvedObject.name': involved.name ?? '',
      'involvedObject.uid': involved.uid ?? '',
      'involvedObject.apiVersion': involved.apiVersion ?? '',
      'involvedObject.resourceVersion': involved.resourceVersion ?? '',
      'involvedObject.fieldPath': involved.fieldPath ?? '',
      reason: event.reason ?? '',
      reportingComponent: event.reportingComponent ?? '',
      source: event.source?.component || event.reportingComponent || '',
      type: event.type ?? '',
    };
  },
};
