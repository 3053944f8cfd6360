/** Volumes of a pod: unique names and exactly one well-formed source each. */

import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { validateAnnotations, validateLabels } from '../meta-validation.ts';
import { parseQuantity } from '../quantity.ts';
import type {
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  Volume,
} from '../types.gen.ts';
import { checkField, dns1123Label, dns1123Subdomain, mustBeNonNegative } from '../validators.ts';
import { checkFileMode, checkNoBacksteps, checkUnreservedPath } from './paths.ts';
import { validateDownwardFile, validateProjected } from './projected.ts';
import { vendorChecks } from './vendor-volumes.ts';

export function validateVolumes(volumes: Volume[] | undefined, podName: string, path: string): FieldError[] {
  const names = new Set<string>();
  return (volumes ?? []).flatMap((volume, i) => {
    const at = `${path}[${i}]`;
    const errors = validateSource(volume, podName, at);
    if (!volume.name) errors.push(required(`${at}.name`));
    else {
      const wrong = checkField(`${at}.name`, volume.name, dns1123Label);
      errors.push(...(names.has(volume.name) ? [...wrong, duplicate(`${at}.name`, volume.name)] : wrong));
    }
    names.add(volume.name);
    return errors;
  });
}

type SourceName = Exclude<keyof Volume, 'name'>;
type Check = (volume: Volume, path: string, podName: string) => FieldError[];

/** In the order upstream looks at them: the first source counts, each further one is one too many. */
const checks: Readonly<Record<SourceName, Check>> = {
  emptyDir: (volume, path) => validateEmptyDir(volume.emptyDir!, path),
  hostPath: (volume, path) => validateHostPath(volume.hostPath!, path),
  secret: ({ secret }, path) => [
    ...(secret!.secretName ? [] : [required(`${path}.secretName`)]),
    ...checkFileMode(`${path}.defaultMode`, secret!.defaultMode),
    ...validateItems(secret!.items, path),
  ],
  persistentVolumeClaim: ({ persistentVolumeClaim }, path) =>
    persistentVolumeClaim!.claimName ? [] : [required(`${path}.claimName`)],
  downwardAPI: ({ downwardAPI }, path) => [
    ...checkFileMode(`${path}.defaultMode`, downwardAPI!.defaultMode),
    ...(downwardAPI!.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
  ],
  configMap: ({ configMap }, path) => [
    ...(configMap!.name ? [] : [required(`${path}.name`)]),
    ...checkFileMode(`${path}.defaultMode`, configMap!.defaultMode),
    ...validateItems(configMap!.items, path),
  ],
  projected: ({ projected }, path) => validateProjected(projected!, path),
  ephemeral: (volume, path, podName) => validateEphemeral(volume.ephemeral!, volume.name, podName, path),
  image: (volume, path) => validateImage(volume.image!, path),
  ...vendorChecks,
};

function validateSource(volume: Volume, podName: string, path: string): FieldError[] {
  const present = (Object.keys(checks) as SourceName[]).filter((name) => volume[name] !== undefined);
  if (present.length === 0) return [required(path, 'must specify a volume type')];
  return present.flatMap((name, i) =>
    i === 0
      ? checks[name](volume, `${path}.${name}`, podName)
      : [forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type')],
  );
}

function validateEmptyDir(source: EmptyDirVolumeSource, path: string): FieldError[] {
  if (source.sizeLimit === undefined || parseQuantity(source.sizeLimit).sign() >= 0) return [];
  return [forbiddenField(`${path}.sizeLimit`, `SizeLimit field must be a valid resource quantity`)];
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function validateHostPath(source: { path: string; type?: string }, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)];
  const errors = checkNoBacksteps(`${path}.path`, source.path);
  if (source.type !== undefined && !hostPathTypes.includes(source.type)) {
    errors.push(notSupported(`${path}.type`, source.type, hostPathTypes));
  }
  return errors;
}

function validateItems(items: KeyToPath[] | undefined, path: string): FieldError[] {
  return (items ?? []).flatMap((item, i) => {
    const at = `${path}.items[${i}]`;
    return [
      ...(item.key ? [] : [required(`${at}.key`)]),
      ...(item.path ? [] : [required(`${at}.path`)]),
      ...checkUnreservedPath(`${at}.path`, item.path ?? ''),
      ...checkFileMode(`${at}.mode`, item.mode),
    ];
  });
}

function validateEphemeral(
  source: EphemeralVolumeSource,
  volumeName: string,
  podName: string,
  path: string,
): FieldError[] {
  const template = source.volumeClaimTemplate;
  if (!template) return [required(`${path}.volumeClaimTemplate`)];
  const at = `${path}.volumeClaimTemplate`;
  const errors = [
    ...validateAnnotations(template.metadata?.annotations, `${at}.metadata.annotations`),
    ...validateLabels(template.metadata?.labels, `${at}.metadata.labels`),
  ];
  for (const key of Object.keys(template.metadata ?? {})) {
    if (key !== 'annotations' && key !== 'labels') {
      errors.push(forbiddenField(`${at}.metadata.${key}`, 'cannot be set'));
    }
  }
  errors.push(...validateClaimSpec(template.spec, `${at}.spec`));
  if (podName && volumeName) {
    const claimName = `${podName}-${volumeName}`;
    for (const text of dns1123Subdomain(claimName)) {
      errors.push(invalidValue(`${path}.name`, volumeName, `PVC name "${claimName}": ${text}`));
    }
  }
  return errors;
}

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** The spec of a PersistentVolumeClaim, alone or inside a template. */
export function validateClaimSpec(
  spec: NonNullable<EphemeralVolumeSource['volumeClaimTemplate']>['spec'],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec?.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(notSupported(`${path}.accessModes`, mode, accessModes));
  }
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    const text = 'may not use ReadWriteOncePod with other access modes';
    errors.push(forbiddenField(`${path}.accessModes`, text));
  }
  const storage = spec?.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`));
  else if (parseQuantity(storage).sign() <= 0) {
    const text = parseQuantity(storage).sign() < 0 ? mustBeNonNegative : 'must be greater than zero';
    errors.push(invalidValue(`${path}.resources[storage]`, String(parseQuantity(storage)), text));
  }
  if (spec?.storageClassName) {
    errors.push(...checkField(`${path}.storageClassName`, spec.storageClassName, dns1123Subdomain));
  }
  if (spec?.volumeMode !== undefined && !['Block', 'Filesystem'].includes(spec.volumeMode)) {
    errors.push(notSupported(`${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']));
  }
  return errors;
}

function validateImage(source: ImageVolumeSource, path: string): FieldError[] {
  const policies = ['Always', 'IfNotPresent', 'Never'];
  const errors = source.reference ? [] : [required(`${path}.reference`)];
  if (!source.pullPolicy) errors.push(required(`${path}.pullPolicy`));
  else if (!policies.includes(source.pullPolicy)) {
    errors.push(notSupported(`${path}.pullPolicy`, source.pullPolicy, policies));
  }
  return errors;
}
