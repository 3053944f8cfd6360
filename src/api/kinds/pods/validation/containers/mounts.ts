/** Validation of volumeMounts and volumeDevices. */

import type { Volume, VolumeMount } from '../../../../generated/types.gen.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notFoundValue,
  notSupported,
  required,
} from '../../../../validation/field-error.ts';
import { checkDescendingPath, hasBacksteps } from '../paths.ts';
import type { AnyContainer } from './lists.ts';

export type Volumes = ReadonlyMap<string, Volume>;

export function validateVolumeMounts(container: AnyContainer, volumes: Volumes, path: string): FieldError[] {
  if (!container.volumeMounts?.length) return [];
  const devices = container.volumeDevices ?? [];
  const deviceNames = new Set(devices.map((device) => device.name));
  const devicePaths = new Set(devices.map((device) => device.devicePath));
  const seen = new Set<string>();
  return container.volumeMounts.flatMap((mount, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(required(`${at}.name`));
    if (!volumes.has(mount.name)) errors.push(notFoundValue(`${at}.name`, mount.name ?? ''));
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`));
    if (seen.has(mount.mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    }
    seen.add(mount.mountPath);
    if (deviceNames.has(mount.name)) {
      errors.push(invalidValue(`${at}.name`, mount.name, 'must not already exist in volumeDevices'));
    }
    if (devicePaths.has(mount.mountPath)) {
      const text = 'must not already exist as a path in volumeDevices';
      errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, text));
    }
    errors.push(...validateSubPaths(mount, at, path));
    errors.push(...validatePropagation(mount, container, `${path}.mountPropagation`));
    return [...errors, ...validateRecursiveReadOnly(mount, `${path}.recursiveReadOnly`)];
  });
}

function validateSubPaths(mount: VolumeMount, at: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (mount.subPath) errors.push(...checkDescendingPath(`${path}.subPath`, mount.subPath));
  if (!mount.subPathExpr) return errors;
  if (mount.subPath) {
    const text = 'subPathExpr and subPath are mutually exclusive';
    errors.push(invalidValue(`${at}.subPathExpr`, mount.subPathExpr, text));
  }
  return [...errors, ...checkDescendingPath(`${path}.subPathExpr`, mount.subPathExpr)];
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function validatePropagation(mount: VolumeMount, container: AnyContainer, field: string): FieldError[] {
  const propagation = mount.mountPropagation;
  if (propagation === undefined) return [];
  if (!propagations.includes(propagation)) return [notSupported(field, propagation, propagations)];
  if (propagation !== 'Bidirectional' || container.securityContext?.privileged) return [];
  return [
    forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers'),
  ];
}

const recursiveReadOnly = ['Disabled', 'Enabled', 'IfPossible'];

function validateRecursiveReadOnly(mount: VolumeMount, field: string): FieldError[] {
  const mode = mount.recursiveReadOnly;
  if (mode === undefined || mode === 'Disabled') return [];
  if (!recursiveReadOnly.includes(mode)) return [notSupported(field, mode, recursiveReadOnly)];
  const errors: FieldError[] = [];
  if (!mount.readOnly) errors.push(forbiddenField(field, 'may only be specified when readOnly is true'));
  if (mount.mountPropagation !== undefined && mount.mountPropagation !== 'None') {
    const text = 'may only be specified when mountPropagation is None or not specified';
    errors.push(forbiddenField(field, text));
  }
  return errors;
}

export function validateVolumeDevices(container: AnyContainer, volumes: Volumes, path: string): FieldError[] {
  if (!container.volumeDevices?.length) return [];
  const mounts = container.volumeMounts ?? [];
  const mountNames = new Set(mounts.map((mount) => mount.name));
  const mountPaths = new Set(mounts.map((mount) => mount.mountPath));
  const paths = new Set<string>();
  const names = new Set<string>();
  return container.volumeDevices.flatMap(({ name, devicePath }, i) => {
    const errors: FieldError[] = [];
    const say = (key: string, value: string, text: string) =>
      errors.push(invalidValue(`${path}[${i}].${key}`, value, text));
    const volume = volumes.get(name);
    if (!name) errors.push(required(`${path}[${i}].name`));
    if (names.has(name)) say('name', name, 'must be unique');
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      say(
        'name',
        name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      );
    }
    if (!volume) errors.push(notFoundValue(`${path}[${i}].name`, name ?? ''));
    if (!devicePath) errors.push(required(`${path}[${i}].devicePath`));
    if (paths.has(devicePath)) say('devicePath', devicePath, 'must be unique');
    if (devicePath && hasBacksteps(devicePath)) {
      say('devicePath', devicePath, "can not contain backsteps ('..')");
    } else paths.add(devicePath);
    if (mountNames.has(name)) {
      say('name', name, 'must not already exist in volumeMounts');
    }
    if (mountPaths.has(devicePath)) {
      say('devicePath', devicePath, 'must not already exist as a path in volumeMounts');
    }
    if (name) names.add(name);
    return errors;
  });
}
