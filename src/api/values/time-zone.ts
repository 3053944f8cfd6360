/** Which time zones there are for upstream, and Go's words for one that there is not. */

import { timeZoneNames } from './time-zone-names.ts';

/** What `time.LoadLocation` says of a name that it does not load. It tells capitals from small letters. */
export function timeZoneProblem(name: string): string | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return undefined;
  if (name.includes('..') || /^[/\\]/.test(name)) return 'time: invalid location name';
  return timeZoneNames.has(name) ? undefined : `unknown time zone ${name}`;
}

/** The name by which JavaScript knows a zone that upstream takes. A server's own zone is UTC, and `Factory` says nothing else. */
export function knownTimeZone(name: string): string {
  return name === '' || name === 'Local' || name === 'Factory' ? 'UTC' : name;
}
