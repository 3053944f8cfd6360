/** Which time zones upstream accepts, and Go's message for the others. */

import { timeZoneNames } from './time-zone-names.ts';

/** The message of `time.LoadLocation` for an unknown name. Names are case-sensitive. */
export function timeZoneProblem(name: string): string | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return undefined;
  if (name.includes('..') || /^[/\\]/.test(name)) return 'time: invalid location name';
  return timeZoneNames.has(name) ? undefined : `unknown time zone ${name}`;
}

/** JavaScript's name of a zone that upstream accepts. `Local` is UTC on a server, and so is `Factory`. */
export function knownTimeZone(name: string): string {
  return name === '' || name === 'Local' || name === 'Factory' ? 'UTC' : name;
}
