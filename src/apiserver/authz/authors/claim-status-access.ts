/**
 * Who may write which part of a claim's status, beyond the status as a whole: a scheduler that binds claims needs
 * `resourceclaims/binding`, a driver that reports on its devices `resourceclaims/driver` of its own name. Both
 * subresources exist for the authorizer only.
 */

import type {
  AllocatedDeviceStatus,
  AllocationResult,
  ResourceClaimStatus,
} from '#api/generated/types.gen.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { type FieldError, forbiddenField } from '#api/validation/field-error.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { JudgedWrite } from '../../contract/storage-hooks.ts';
import { notAllowed } from '../forbidden-text.ts';
import { nodeOfAccount } from '../impersonation/modes.ts';

type Status = ResourceClaimStatus | undefined;

/** Of the schema. */
const types = 'io.k8s.api.resource.v1';

/** One permission for all claims of the cluster, as the scheduler has it. */
export async function checkBinding(
  authorizer: Authorizer,
  write: JudgedWrite,
  status: Status,
  old: Status,
): Promise<FieldError[]> {
  if (deepEqual(boundPart(status), boundPart(old), `${types}.ResourceClaimStatus`)) return [];
  const { verb } = write;
  const refusal = await ask(authorizer, write, { verb, subresource: 'binding', namespace: '', name: '' });
  if (refusal === undefined) return [];
  const needs = `requires resource="resourceclaims/binding", verb="${verb}" permission`;
  return [
    forbiddenField(
      'status.allocation',
      `changing status.allocation or status.reservedFor ${needs}: ${refusal}`,
    ),
  ];
}

const boundPart = (status: Status) => ({ allocation: status?.allocation, reservedFor: status?.reservedFor });

/** Each driver is asked about by its name, in the claim's namespace; without an allocation there are no states. */
export async function checkDeviceStates(
  authorizer: Authorizer,
  write: JudgedWrite,
  status: Status,
  old: Status,
): Promise<FieldError[]> {
  if (!status?.allocation) return [];
  const verbs = verbsFor(write, status.allocation);
  const errors: FieldError[] = [];
  for (const driver of changedDrivers(status.devices ?? [], old?.devices ?? [])) {
    const refusal = await askForDriver(authorizer, write, verbs, driver);
    if (refusal === undefined) continue;
    const needs = `requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission`;
    errors.push(forbiddenField('status.devices', `changing status.devices ${needs}: ${refusal}`));
  }
  return errors;
}

/** A ServiceAccount on the node of the devices needs less than one elsewhere. */
function verbsFor({ user, verb }: JudgedWrite, allocation: AllocationResult): string[] {
  const node = onlyNodeOf(allocation);
  const isThere = node !== undefined && nodeOfAccount(user) === node;
  return [...(isThere ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`];
}

/** The node whose devices are allocated, where the selector names one and says nothing else. */
function onlyNodeOf({ nodeSelector }: AllocationResult): string | undefined {
  const terms = nodeSelector?.nodeSelectorTerms ?? [];
  const { matchFields = [], matchExpressions = [] } = terms[0] ?? {};
  const [field] = matchFields;
  if (terms.length !== 1 || matchExpressions.length > 0 || matchFields.length !== 1) return undefined;
  const { key, operator, values = [] } = field!;
  return key === 'metadata.name' && operator === 'In' && values.length === 1 ? values[0] : undefined;
}

/** Sorted by name: the drivers of which a state is new, different or gone. */
function changedDrivers(
  devices: readonly AllocatedDeviceStatus[],
  old: readonly AllocatedDeviceStatus[],
): string[] {
  const before = new Map(old.map((device) => [keyOf(device), device]));
  const drivers = new Set<string>();
  for (const device of devices) {
    const key = keyOf(device);
    if (!deepEqual(device, before.get(key), `${types}.AllocatedDeviceStatus`)) drivers.add(device.driver);
    before.delete(key);
  }
  for (const { driver } of before.values()) drivers.add(driver);
  return [...drivers].sort();
}

const keyOf = ({ driver, pool, device, shareID = '' }: AllocatedDeviceStatus) =>
  JSON.stringify([driver, pool, device, shareID]);

/** One permission suffices; the refusal of the first verb is the one that is shown. */
async function askForDriver(
  authorizer: Authorizer,
  write: JudgedWrite,
  verbs: readonly string[],
  name: string,
): Promise<string | undefined> {
  let first: string | undefined;
  for (const verb of verbs) {
    const place = { namespace: write.namespace, name };
    const refusal = await ask(authorizer, write, { verb, subresource: 'driver', ...place });
    if (refusal === undefined) return undefined;
    first ??= refusal;
  }
  return first;
}

interface Asked {
  readonly verb: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Undefined: allowed. */
async function ask(
  authorizer: Authorizer,
  { user, type }: JudgedWrite,
  asked: Asked,
): Promise<string | undefined> {
  const { group, version, resource } = type;
  const attributes = { ...asked, user, group, version, resource, isResource: true, path: '' };
  const { decision, reason, error } = await authorizer.authorize(attributes);
  if (decision === 'allow') return undefined;
  const why = error && reason ? `${error}: ${reason}` : error || reason;
  return notAllowed(attributes, why).message;
}
