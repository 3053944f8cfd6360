/**
 * An Event of events.k8s.io is a core Event with other field names; it is stored, validated and printed as
 * one.
 */

import type { Event, EventsV1Event } from '../../generated/types.gen.ts';

/** Name in events.k8s.io, name in core. */
const renamed: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

const coreNames = new Map(renamed);
const eventsV1Names = new Map(renamed.map(([ours, core]) => [core, ours]));

type Fields = Readonly<Record<string, unknown>>;

export function withCoreNames(event: Fields): Record<string, unknown> {
  return withNames(event, coreNames);
}

export function withEventsV1Names(event: Fields): Record<string, unknown> {
  return withNames(event, eventsV1Names);
}

function withNames(event: Fields, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]));
}

export function asCoreEvent(event: EventsV1Event): Event {
  const { metadata = {}, regarding = {}, ...rest } = event;
  return { ...withCoreNames(rest), metadata, involvedObject: regarding };
}
