/** The usual handling of status: dropped on create, kept on update, alone changed by an update of the status. */

import { copyJson } from '#base/copy-json.ts';
import type { KubeObject } from '../meta/object.ts';
import { replaceParts } from './replace-parts.ts';

interface WithStatus extends KubeObject {
  status?: unknown;
}

export function dropStatus(object: WithStatus): void {
  delete object.status;
}

/** Where upstream's status always exists, if empty. */
export function emptyStatus(object: WithStatus): void {
  object.status = {};
}

export function keepStatus(object: WithStatus, old: WithStatus): void {
  if (old.status === undefined) delete object.status;
  else object.status = copyJson(old.status);
}

/** What an update of the status does by default, for strategies that then do more. */
export function keepAllButStatus(object: WithStatus, old: WithStatus): void {
  replaceParts(object, copyJson(old), { status: object.status }, true);
}
