/** The arguments of the plugin DynamicResources: how long it may search, and wait for devices to be prepared. */

import { GoDurationError, parseGoDuration } from '../../go/duration.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import type { ConfigTypes } from '../config-file.ts';

export interface DeviceArguments {
  /** Of the search for devices on one node; 0: as long as it takes. */
  readonly filterTimeoutMs: number;
  /** From the choice of a node until its devices meet their binding conditions. */
  readonly bindingTimeoutMs: number;
}

export const deviceTypes: ConfigTypes = {
  DynamicResourcesArgs: { filterTimeout: 'string', bindingTimeout: 'string' },
};

interface Written {
  readonly filterTimeout?: string;
  readonly bindingTimeout?: string;
}

const usual = { filterTimeout: '10s', bindingTimeout: '10m' };
const bindingMsMin = 1_000;

export function readDeviceArguments(written: Written): DeviceArguments {
  const { filterTimeout, bindingTimeout } = { ...usual, ...written };
  return { filterTimeoutMs: msOf(filterTimeout), bindingTimeoutMs: msOf(bindingTimeout) };
}

/** In upstream's words; `at` is the field of the arguments. */
export function deviceErrors(written: Written, at: string): FieldError[] {
  const { filterTimeout, bindingTimeout } = { ...usual, ...written };
  return [
    ...timeoutErrors(filterTimeout, 0, 'must be zero or positive', `${at}.filterTimeout`),
    ...timeoutErrors(bindingTimeout, bindingMsMin, 'must be at least 1 second', `${at}.bindingTimeout`),
  ];
}

function timeoutErrors(duration: string, msMin: number, detail: string, at: string): FieldError[] {
  try {
    return Number(parseGoDuration(duration)) / 1e6 < msMin ? [invalidValue(at, duration, detail)] : [];
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
    return [invalidValue(at, duration, error.message)];
  }
}

/** 0 for what is refused. */
function msOf(duration: string): number {
  try {
    return Number(parseGoDuration(duration)) / 1e6;
  } catch {
    return 0;
  }
}
