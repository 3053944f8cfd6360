/** What a CDI specification must fulfil, with the words of upstream's library. Pure. */

import type { CdiDevice, CdiDeviceNode, CdiEdits, CdiSpec } from './spec.ts';

/** From which version of the specification on it has what a file uses. */
const requirements: readonly [version: string, isUsed: (spec: CdiSpec) => boolean][] = [
  ['0.7.0', (spec) => allEdits(spec).some((edits) => edits.intelRdt || edits.additionalGids?.length)],
  [
    '0.6.0',
    (spec) => hasAnnotations(spec) || spec.devices.some(hasAnnotations) || classOf(spec).includes('.'),
  ],
  ['0.5.0', (spec) => spec.devices.some(({ name }) => /^\d/.test(name)) || hasHostPaths(spec)],
  ['0.4.0', (spec) => allEdits(spec).some(({ mounts }) => mounts?.some(({ type }) => type))],
  ['0.3.0', () => true],
];
const versions = ['0.1.0', '0.2.0', '0.3.0', '0.4.0', '0.5.0', '0.6.0', '0.7.0', '0.8.0', '1.0.0'];
const hookNames = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];
const nodeTypes = ['', 'b', 'c', 'u', 'p'];

/** Throws the first reason why no device of the specification can be used. */
export function validateSpec(spec: CdiSpec): void {
  validateVersion(spec);
  const [vendor, className] = spec.kind.split(/\/(.*)/s, 2);
  const hasVendor = vendor !== '' && className !== undefined && className !== '';
  validateKindPart('vendor', hasVendor ? (vendor ?? '') : '');
  validateKindPart('class', hasVendor ? className : spec.kind);
  validateEdits(spec.containerEdits ?? {});
  const names = new Set<string>();
  for (const device of spec.devices) {
    try {
      validateDevice(device);
    } catch (error) {
      throw new Error(`failed add device "${device.name}": ${(error as Error).message}`);
    }
    if (names.has(device.name)) throw new Error(`invalid spec, multiple device "${device.name}"`);
    names.add(device.name);
  }
  if (names.size === 0) throw new Error('invalid spec, no devices');
}

function validateVersion(spec: CdiSpec): void {
  const version = spec.cdiVersion.replace(/^v/, '');
  const declared = versions.indexOf(version);
  if (declared < 0) throw new Error(`invalid version "${spec.cdiVersion}"`);
  const [required = ''] = requirements.find(([, isUsed]) => isUsed(spec)) ?? [];
  if (versions.indexOf(required) > declared) {
    throw new Error(`the spec version must be at least v${required}`);
  }
}

function validateKindPart(part: 'vendor' | 'class', name: string): void {
  if (name === '') throw new Error(`invalid ${part}. empty name`);
  if (!/^[a-z]/i.test(name)) throw new Error(`invalid ${part}. "${name}", should start with letter`);
  const stray = /[^a-z\d._-]/i.exec(name);
  if (stray) throw new Error(`invalid ${part}. invalid character '${stray[0]}' in name "${name}"`);
  if (!/[a-z\d]$/i.test(name)) {
    throw new Error(`invalid ${part}. "${name}", should end with a letter or digit`);
  }
}

function validateDevice({ name, containerEdits = {} }: CdiDevice): void {
  if (name === '') throw new Error('invalid (empty) device name');
  if (!/^[a-z\d]/i.test(name)) {
    throw new Error(`invalid class "${name}", should start with a letter or digit`);
  }
  const stray = /[^a-z\d._:-]/i.exec(name);
  if (stray) throw new Error(`invalid character '${stray[0]}' in device name "${name}"`);
  if (!/[a-z\d]$/i.test(name)) throw new Error(`invalid name "${name}", should end with a letter or digit`);
  const isEmpty = Object.values(containerEdits).every((edit) => Array.isArray(edit) && edit.length === 0);
  if (isEmpty) throw new Error('invalid device, empty device edits');
  try {
    validateEdits(containerEdits);
  } catch (error) {
    throw new Error(`invalid device "${name}": ${(error as Error).message}`);
  }
}

function validateEdits({ env, deviceNodes = [], hooks = [], mounts = [] }: CdiEdits): void {
  validateEnv(env, 'invalid container edits');
  for (const node of deviceNodes) validateNode(node);
  for (const hook of hooks) {
    if (!hookNames.includes(hook.hookName)) throw new Error(`invalid hook name "${hook.hookName ?? ''}"`);
    if (!hook.path) throw new Error(`invalid hook "${hook.hookName}" with empty path`);
    validateEnv(hook.env, `invalid hook "${hook.hookName}"`);
  }
  for (const mount of mounts) {
    if (!mount.hostPath) throw new Error('invalid mount, empty host path');
    if (!mount.containerPath) throw new Error('invalid mount, empty container path');
  }
}

function validateEnv(env: readonly string[] = [], where: string): void {
  for (const variable of env) {
    if (variable.indexOf('=') <= 0) throw new Error(`${where}: invalid environment variable "${variable}"`);
  }
}

function validateNode({ path, type = '', permissions = '' }: CdiDeviceNode): void {
  if (!path) throw new Error('invalid (empty) device path');
  if (!nodeTypes.includes(type)) throw new Error(`device "${path}": invalid type "${type}"`);
  if (/[^rwm]/.test(permissions)) throw new Error(`device "${path}": invalid permissions "${permissions}"`);
}

function allEdits({ containerEdits = {}, devices }: CdiSpec): CdiEdits[] {
  return [...devices.map((device) => device.containerEdits ?? {}), containerEdits];
}

function hasAnnotations({ annotations = {} }: Pick<CdiSpec, 'annotations'>): boolean {
  return Object.keys(annotations).length > 0;
}

function hasHostPaths(spec: CdiSpec): boolean {
  return allEdits(spec).some(({ deviceNodes }) => deviceNodes?.some(({ hostPath }) => hostPath));
}

function classOf({ kind }: CdiSpec): string {
  return kind.split(/\/(.*)/s, 2)[1] ?? '';
}
