/**
 * The `featureGates` of a configuration, by upstream's names. A gate that kybern cannot switch may only be set to its
 * default.
 */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { ConfigurationError } from './error.ts';
import { featureGateDefaults } from './known-feature-gates.ts';

/** The gates that kybern can switch. */
export const switchableGates = ['ConstrainedImpersonation', 'HPAScaleToZero'] as const;

export type SwitchableGate = (typeof switchableGates)[number];

/** Set gates only; see `isEnabled`. */
export type FeatureGates = { readonly [Gate in SwitchableGate]?: boolean };

/** Gates for all features of a stage; only the value that changes no default is accepted. */
const stages = ['AllAlpha', 'AllBeta'];

export function isEnabled(gates: FeatureGates | undefined, gate: SwitchableGate): boolean {
  return gates?.[gate] ?? featureGateDefaults.get(gate) ?? false;
}

export function readFeatureGates(section: unknown): FeatureGates {
  if (!isJsonObject(section)) throw new ConfigurationError('featureGates is not a mapping of true and false');
  const set = Object.entries(section).map(([name, value]) => [name, gateValue(name, value)] as const);
  return Object.fromEntries(set.filter(([name]) => isSwitchable(name)));
}

function isSwitchable(name: string): boolean {
  return switchableGates.some((gate) => gate === name);
}

function gateValue(name: string, value: unknown): boolean {
  const isStage = stages.includes(name);
  const usual = isStage ? value === 'true' || value === true : featureGateDefaults.get(name);
  if (usual === undefined) {
    const near = nearest(name, [...featureGateDefaults.keys(), ...stages]);
    throw new ConfigurationError(
      `unrecognized feature gate: ${name}`,
      near && `the nearest known one is ${near}`,
    );
  }
  if (typeof value !== 'boolean' && value !== 'true' && value !== 'false') {
    throw new ConfigurationError(`featureGates.${name} is not true or false`);
  }
  const wanted = value === true || value === 'true';
  if (isStage && name === 'AllAlpha' && wanted) cannotSwitch(name, false);
  if (isStage && name === 'AllBeta' && !wanted) cannotSwitch(name, true);
  if (!isStage && wanted !== usual && !isSwitchable(name)) cannotSwitch(name, usual);
  return wanted;
}

function cannotSwitch(name: string, usual: boolean): never {
  throw new ConfigurationError(
    `featureGates.${name} cannot be ${!usual}: kybern has this gate at ${usual} only`,
    `remove it; gates that can be switched: ${switchableGates.join(', ')}`,
  );
}
