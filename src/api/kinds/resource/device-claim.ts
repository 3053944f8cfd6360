/** The devices that a claim asks for: requests, constraints among them, parameters for their drivers. */

import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { mustBePositive } from '../../validation/validators.ts';
import { checkConfiguration } from './configuration.ts';
import { checkItems, checkSet } from './lists.ts';
import { checkClassName, checkFullyQualifiedName, checkLabelName } from './names.ts';
import { checkSelectors, compileSelectors } from './selectors.ts';
import { checkTolerations } from './tolerations.ts';

/** As many as devices can be allocated to a claim. */
export const requestsMax = 32;
const constraintsMax = 32;
const alternativesMax = 8;
export const configurationsMax = 32;

export function checkDeviceClaim(claim: DeviceClaim | undefined, path: string): FieldError[] {
  const { requests, constraints, config } = claim ?? {};
  const names = requestNames(claim);
  return [
    ...checkSet(requests, requestsMax, checkRequest, ({ name }) => name, `${path}.requests`),
    ...checkItems(
      constraints,
      constraintsMax,
      (constraint, at) => checkConstraint(constraint, names, at),
      `${path}.constraints`,
    ),
    ...checkItems(
      config,
      configurationsMax,
      (item, at) => [
        ...checkRequestRefs(item.requests, names, `${at}.requests`),
        ...checkConfiguration(item, at),
      ],
      `${path}.config`,
    ),
  ];
}

/** Of a claim with as many requests as are checked. */
export function* compileClaimSelectors(claim: DeviceClaim | undefined): Iterable<() => void> {
  const requests = claim?.requests ?? [];
  if (requests.length > requestsMax) return;
  for (const { exactly, firstAvailable } of requests) {
    yield* compileSelectors(exactly?.selectors);
    const alternatives = firstAvailable ?? [];
    if (alternatives.length > alternativesMax) continue;
    for (const { selectors } of alternatives) yield* compileSelectors(selectors);
  }
}

function checkRequest(request: DeviceRequest, path: string): FieldError[] {
  const { name = '', exactly, firstAvailable = [] } = request;
  const errors = checkLabelName(name, `${path}.name`);
  const oneOf = 'exactly one of `exactly` or `firstAvailable` is required';
  if (!exactly && firstAvailable.length === 0) return [...errors, required(path, oneOf)];
  if (exactly && firstAvailable.length > 0) {
    return [...errors, invalidValue(path, null, `${oneOf}, but multiple fields are set`)];
  }
  if (exactly) return [...errors, ...checkWanted(exactly, `${path}.exactly`)];
  const at = `${path}.firstAvailable`;
  return [...errors, ...checkSet(firstAvailable, alternativesMax, checkAlternative, ({ name }) => name, at)];
}

function checkAlternative(request: DeviceSubRequest, path: string): FieldError[] {
  return [...checkLabelName(request.name ?? '', `${path}.name`), ...checkWanted(request, path)];
}

function checkWanted(wanted: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] {
  return [
    ...checkClassName(wanted.deviceClassName ?? '', `${path}.deviceClassName`),
    ...checkSelectors(wanted.selectors, `${path}.selectors`),
    ...checkAllocationMode(wanted, path),
    ...checkTolerations(wanted.tolerations, `${path}.tolerations`),
  ];
}

function checkAllocationMode(
  { allocationMode: mode, count = 0 }: ExactDeviceRequest,
  path: string,
): FieldError[] {
  switch (mode) {
    case 'All': {
      const text = "must not be specified when allocationMode is 'All'";
      return count === 0 ? [] : [invalidValue(`${path}.count`, count, text)];
    }
    case 'ExactCount':
      return count > 0 ? [] : [invalidValue(`${path}.count`, count, mustBePositive)];
    default:
      return [notSupported(`${path}.allocationMode`, mode ?? '', ['All', 'ExactCount'])];
  }
}

function checkConstraint(constraint: DeviceConstraint, names: RequestNames, path: string): FieldError[] {
  const errors = checkRequestRefs(constraint.requests, names, `${path}.requests`);
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute !== undefined) {
    return [...errors, ...checkFullyQualifiedName(matchAttribute, `${path}.matchAttribute`)];
  }
  if (distinctAttribute !== undefined) {
    return [...errors, ...checkFullyQualifiedName(distinctAttribute, `${path}.distinctAttribute`)];
  }
  // The text is upstream's, though none is set.
  const text =
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
  return [...errors, required(path, text)];
}

/** The requests of a claim, and `request/alternative` for those that have alternatives. */
export type RequestNames = ReadonlySet<string>;

export function requestNames(claim: DeviceClaim | undefined): RequestNames {
  return new Set(
    (claim?.requests ?? []).flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  );
}

export function checkRequestRefs(
  refs: string[] | undefined,
  names: RequestNames,
  path: string,
): FieldError[] {
  return checkSet(
    refs,
    requestsMax,
    (ref, at) => checkRequestRef(ref, names, at),
    (ref) => ref,
    path,
  );
}

export function checkRequestRef(ref: string, names: RequestNames, path: string): FieldError[] {
  const text =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const parts = ref.split('/');
  if (parts.length > 2) return [invalidValue(path, ref, text)];
  const errors = parts.flatMap((part) => checkLabelName(part, path));
  return names.has(ref) ? errors : [...errors, invalidValue(path, ref, text)];
}
