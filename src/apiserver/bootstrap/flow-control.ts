/**
 * The FlowSchemas and priority levels that every cluster has, made and kept as upstream's ensurer does: the mandatory
 * ones always as they must be, the suggested ones as long as their annotation, or that no one has changed them, allows
 * it; what an older version had and this one has not is deleted.
 */

import { flowSchemas, priorityLevelConfigurations } from '#api/generated/kinds.gen.ts';
import {
  autoUpdateSpec,
  mandatoryLevels,
  mandatorySchemas,
  suggestedLevels,
  suggestedSchemas,
} from '#api/kinds/flowcontrol/default-objects.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { Client } from '#client/client.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';

const fieldManager = 'api-priority-and-fairness-config-producer-v1';

interface Configured extends KubeObject {
  readonly spec?: unknown;
}

interface Wanted {
  readonly type: ResourceType;
  readonly mandatory: readonly Configured[];
  readonly suggested: readonly Configured[];
}

/** Levels first: a schema without its level would be dangling for a moment. */
const wanted: readonly Wanted[] = [
  { type: priorityLevelConfigurations, mandatory: mandatoryLevels, suggested: suggestedLevels },
  { type: flowSchemas, mandatory: mandatorySchemas, suggested: suggestedSchemas },
];

/** Reads the cache, and writes only what differs. `client` must act as a member of `system:masters`. */
export async function ensureFlowControl(client: Client, reader: ObjectReader): Promise<void> {
  for (const { type, mandatory, suggested } of wanted) {
    const found = new Map(reader.list(type).map((object) => [object.metadata!.name!, object as Configured]));
    const names = new Set([...mandatory, ...suggested].map(({ metadata }) => metadata!.name!));
    await Promise.all([
      ...mandatory.map((object) => ensure(client, type, object, found.get(object.metadata!.name!), true)),
      ...suggested.map((object) => ensure(client, type, object, found.get(object.metadata!.name!), false)),
      ...[...found.values()]
        .filter(({ metadata }) => !names.has(metadata!.name!) && autoUpdate(metadata!.annotations) === true)
        .map(({ metadata }) => client.delete(type, { name: metadata!.name! }).catch(unless('NotFound'))),
    ]);
  }
}

async function ensure(
  client: Client,
  type: ResourceType,
  object: Configured,
  found: Configured | undefined,
  isMandatory: boolean,
): Promise<void> {
  if (!found) {
    await client.create(type, object, { fieldManager }).catch(unless('AlreadyExists'));
    return;
  }
  const said = autoUpdate(found.metadata!.annotations);
  const follows = isMandatory || (said ?? found.metadata!.generation === 1);
  const spec = follows && !isSpecOf(object, found.spec) ? object.spec : found.spec;
  if (spec === found.spec && said === follows) return;
  const annotations = { ...found.metadata!.annotations, [autoUpdateSpec]: String(follows) };
  const revised = { ...found, metadata: { ...found.metadata, annotations }, spec };
  await client.update(type, revised, { fieldManager }).catch(unless('Conflict'));
}

/** Of the exempt level an administrator may change the shares. */
function isSpecOf({ metadata, spec }: Configured, found: unknown): boolean {
  const isExemptLevel = metadata?.name === 'exempt' && (spec as { type?: string }).type === 'Exempt';
  return isExemptLevel ? (found as { type?: string }).type === 'Exempt' : deepEqual(spec, found);
}

/** Undefined where it does not say, as Go's ParseBool reads it. */
function autoUpdate(annotations: Readonly<Record<string, string>> = {}): boolean | undefined {
  const value = annotations[autoUpdateSpec] ?? '';
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(value) ? false : undefined;
}

/** Another API server may have been faster. */
function unless(reason: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof StatusError && error.reason === reason)) throw error;
  };
}
