/** What the devices of a claim must have in common, or must not. Upstream: its two constraints of attributes. */

import { includesRequest } from '#api/devices/requests.ts';
import type { DeviceAttribute, DeviceConstraint } from '#api/generated/types.gen.ts';
import type { Candidate } from './candidate.ts';

/** Holds for the devices added so far. */
export interface Constraint {
  /** Returns false, and adds nothing, for a device that would break it. `request`: as in the result. */
  add(request: string, candidate: Candidate): boolean;
  /** Undoes an `add` that returned true, with the same arguments. */
  remove(request: string, candidate: Candidate): void;
}

/** Undefined for a constraint of a kind that is not known. */
export function constraintOf({
  requests,
  matchAttribute,
  distinctAttribute,
}: DeviceConstraint): Constraint | undefined {
  const name = matchAttribute ?? distinctAttribute;
  if (name === undefined) return undefined;
  return new AttributeConstraint(requests, name, matchAttribute !== undefined);
}

class AttributeConstraint implements Constraint {
  readonly #requests: readonly string[] | undefined;
  readonly #name: string;
  readonly #mustMatch: boolean;
  /** Values of the added devices; equal ones are counted. */
  readonly #values = new Map<string, number>();

  constructor(requests: readonly string[] | undefined, name: string, mustMatch: boolean) {
    this.#requests = requests;
    this.#name = name;
    this.#mustMatch = mustMatch;
  }

  add(request: string, candidate: Candidate): boolean {
    if (!includesRequest(this.#requests, request)) return true;
    const value = valueOfAttribute(candidate, this.#name);
    if (value === undefined) return false;
    const isOk = this.#mustMatch
      ? this.#values.size === 0 || this.#values.has(value)
      : !this.#values.has(value);
    if (isOk) this.#values.set(value, (this.#values.get(value) ?? 0) + 1);
    return isOk;
  }

  remove(request: string, candidate: Candidate): void {
    if (!includesRequest(this.#requests, request)) return;
    const value = valueOfAttribute(candidate, this.#name)!;
    const left = (this.#values.get(value) ?? 0) - 1;
    if (left > 0) this.#values.set(value, left);
    else this.#values.delete(value);
  }
}

/**
 * The value with its type, as values of different types are different. Undefined when the device lacks the attribute,
 * or has it with a list of values, which belongs to a feature that is off by default.
 */
function valueOfAttribute({ slice, device }: Candidate, name: string): string | undefined {
  const { attributes = {} } = device;
  const slash = name.indexOf('/');
  const isDrivers = slash >= 0 && name.slice(0, slash) === slice.spec.driver;
  const attribute = attributes[name] ?? (isDrivers ? attributes[name.slice(slash + 1)] : undefined);
  return attribute && textOf(attribute);
}

function textOf({ string, int, bool, version }: DeviceAttribute): string | undefined {
  if (string !== undefined) return `string ${string}`;
  if (int !== undefined) return `int ${int}`;
  if (bool !== undefined) return `bool ${bool}`;
  return version === undefined ? undefined : `version ${version}`;
}
