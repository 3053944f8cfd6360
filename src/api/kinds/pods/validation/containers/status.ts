/** Validation of user and allocated resources in a container's status. */

import { ownValue } from '#base/own-value.ts';
import type {
  Container,
  ContainerStatus,
  LinuxContainerUser,
  ResourceStatus,
} from '../../../../generated/types.gen.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../../../validation/field-error.ts';
import { byteLength, inRange, maxInt32 } from '../../../../validation/validators.ts';
import { byName } from './lists.ts';

const healthStates = ['Healthy', 'Unhealthy', 'Unknown'];
const claimPrefix = 'claim:';

export function validateUsers(
  statuses: ContainerStatus[] = [],
  os: string | undefined,
  path: string,
): FieldError[] {
  return statuses.flatMap(({ user }, i) => {
    if (!user?.linux) return [];
    const at = `${path}[${i}].user.linux`;
    if (os === 'windows') return [forbiddenField(at, 'cannot be set for a windows pod')];
    return os === undefined || os === 'linux' ? validateLinuxUser(user.linux, at) : [];
  });
}

function validateLinuxUser({ uid, gid, supplementalGroups = [] }: LinuxContainerUser, path: string) {
  const check = (field: string, id: number) =>
    inRange(id, 0, maxInt32).map((text) => invalidValue(field, id, text));
  return [
    ...check(`${path}.uid`, uid),
    ...check(`${path}.gid`, gid),
    ...supplementalGroups.flatMap((id, i) => check(`${path}.supplementalGroups[${i}]`, id)),
  ];
}

/** The status of a container that is not in the spec is not validated. */
export function validateAllocatedStatus(
  statuses: ContainerStatus[] = [],
  containers: Container[] = [],
  path: string,
): FieldError[] {
  const known = byName(containers);
  return statuses.flatMap(({ name, allocatedResourcesStatus: allocated = [] }, i) => {
    const container = known.get(name);
    return allocated.flatMap((status, j) => {
      const at = `${path}[${i}].allocatedResourcesStatus[${j}]`;
      return [
        ...(container ? checkAllocated(status.name ?? '', container, at) : []),
        ...checkHealth(status, at),
      ];
    });
  });
}

function checkAllocated(name: string, container: Container, path: string): FieldError[] {
  const { claims = [], requests = {} } = container.resources ?? {};
  if (!name.startsWith(claimPrefix)) {
    if (ownValue(requests, name) !== undefined) return [];
    return [invalidValue(`${path}.name`, name, "must match one of the container's resource requests")];
  }
  const names = claims.map(
    (claim) => claimPrefix + (claim.request ? `${claim.name}/${claim.request}` : claim.name),
  );
  if (names.includes(name)) return [];
  const text =
    "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
  return [invalidValue(`${path}.name`, name, text)];
}

const healthMessageMaxBytes = 1024;

function checkHealth({ resources = [] }: ResourceStatus, path: string): FieldError[] {
  const seen = new Set<string>();
  return resources.flatMap(({ resourceID, health = '', message }, i) => {
    const at = `${path}.resources[${i}]`;
    const errors = healthStates.includes(health) ? [] : [notSupported(`${at}.health`, health, healthStates)];
    if (message === '') errors.push(required(`${at}.message`, 'must be non-empty if specified'));
    else if (message !== undefined && byteLength(message) > healthMessageMaxBytes) {
      errors.push(tooLong(`${at}.message`, healthMessageMaxBytes));
    }
    if (seen.has(resourceID)) errors.push(duplicate(`${at}.resourceID`, resourceID));
    seen.add(resourceID);
    return errors;
  });
}

/** Ephemeral containers have no resources of their own. */
export function forbidAllocatedStatus(statuses: ContainerStatus[] = [], path: string): FieldError[] {
  return statuses.flatMap(({ allocatedResourcesStatus: allocated }, i) => {
    if (!allocated?.length) return [];
    const field = `${path}[${i}].allocatedResourcesStatus`;
    return [forbiddenField(field, 'must not be specified in container status')];
  });
}
