/** Validation of a pod's volumes: unique names and exactly one valid source each. */

import type {
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  Volume,
} from '../../../../generated/types.gen.ts';
import type { ObjectMeta } from '../../../../meta/object.ts';
import { validateAnnotations, validateLabels } from '../../../../meta/validation.ts';
import { checkField, checkOneOf, checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../../../validation/field-error.ts';
import { byteLength, dns1123Label, dns1123Subdomain } from '../../../../validation/validators.ts';
import { parseQuantity } from '../../../../values/quantity.ts';
import { checkFileMode, checkNoBacksteps, validateKeyToPath } from '../paths.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { validateDownwardFile, validateProjected } from './projected.ts';
import { vendorChecks } from './vendor.ts';

export interface VolumeUse {
  /** For a pod, not a template. */
  readonly isPod: boolean;
  /** Determines the claim names of ephemeral volumes; empty in a template. */
  readonly podName: string;
}

interface CheckedVolumes {
  readonly errors: FieldError[];
  /** By name. An invalid volume is left out, so that a mount of it is also `Not found`. */
  readonly sound: ReadonlyMap<string, Volume>;
}

export function validateVolumes(volumes: Volume[] | undefined, use: VolumeUse, path: string): CheckedVolumes {
  const errors: FieldError[] = [];
  const sound = new Map<string, Volume>();
  const claimsToCome = claimsOf(volumes ?? [], use.podName);
  for (const [i, volume] of (volumes ?? []).entries()) {
    const at = `${path}[${i}]`;
    const wrong = validateSource(volume, use, at);
    if (!volume.name) wrong.push(required(`${at}.name`));
    else wrong.push(...checkField(`${at}.name`, volume.name, dns1123Label));
    if (sound.has(volume.name)) wrong.push(duplicate(`${at}.name`, volume.name));
    if (wrong.length === 0) sound.set(volume.name, volume);
    else errors.push(...wrong);
    const claimName = volume.persistentVolumeClaim?.claimName;
    if (claimName && claimsToCome.has(claimName)) {
      const text = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(invalidValue(`${at}.persistentVolumeClaim.claimName`, claimName, text));
    }
  }
  return { errors, sound };
}

const noClaims: ReadonlySet<string> = new Set();

/** For a pod, its name determines the names of the claims of its ephemeral volumes. */
function claimsOf(volumes: readonly Volume[], podName: string): ReadonlySet<string> {
  const ephemeral = podName ? volumes.filter((volume) => volume.ephemeral) : [];
  return ephemeral.length > 0 ? new Set(ephemeral.map(({ name }) => `${podName}-${name}`)) : noClaims;
}

type SourceName = Exclude<keyof Volume, 'name'>;
type Check = (volume: Volume, path: string, use: VolumeUse) => FieldError[];

/** In upstream's order: the first source is validated, each further one is an error. */
const checks: Readonly<Record<SourceName, Check>> = {
  emptyDir: (volume, path) => validateEmptyDir(volume.emptyDir!, path),
  hostPath: (volume, path) => validateHostPath(volume.hostPath!, path),
  gitRepo: vendorChecks.gitRepo,
  gcePersistentDisk: vendorChecks.gcePersistentDisk,
  awsElasticBlockStore: vendorChecks.awsElasticBlockStore,
  secret: ({ secret }, path) => [
    ...(secret!.secretName ? [] : [required(`${path}.secretName`)]),
    ...checkFileMode(`${path}.defaultMode`, secret!.defaultMode),
    ...validateItems(secret!.items, path),
  ],
  nfs: vendorChecks.nfs,
  iscsi: vendorChecks.iscsi,
  glusterfs: vendorChecks.glusterfs,
  flocker: vendorChecks.flocker,
  persistentVolumeClaim: ({ persistentVolumeClaim }, path) =>
    persistentVolumeClaim!.claimName ? [] : [required(`${path}.claimName`)],
  rbd: vendorChecks.rbd,
  cinder: vendorChecks.cinder,
  cephfs: vendorChecks.cephfs,
  quobyte: vendorChecks.quobyte,
  downwardAPI: ({ downwardAPI }, path) => [
    ...checkFileMode(`${path}.defaultMode`, downwardAPI!.defaultMode),
    ...(downwardAPI!.items ?? []).flatMap((file) => validateDownwardFile(file, path)),
  ],
  fc: vendorChecks.fc,
  flexVolume: vendorChecks.flexVolume,
  configMap: ({ configMap }, path) => [
    ...(configMap!.name ? [] : [required(`${path}.name`)]),
    ...checkFileMode(`${path}.defaultMode`, configMap!.defaultMode),
    ...validateItems(configMap!.items, path),
  ],
  azureFile: vendorChecks.azureFile,
  vsphereVolume: vendorChecks.vsphereVolume,
  photonPersistentDisk: vendorChecks.photonPersistentDisk,
  portworxVolume: vendorChecks.portworxVolume,
  azureDisk: vendorChecks.azureDisk,
  storageos: vendorChecks.storageos,
  projected: ({ projected }, path) => validateProjected(projected!, path),
  scaleIO: vendorChecks.scaleIO,
  csi: vendorChecks.csi,
  ephemeral: (volume, path, { podName }) => validateEphemeral(volume, podName, path),
  image: (volume, path, { isPod }) => validateImage(volume.image!, isPod, path),
};

const sourceNames = Object.keys(checks) as SourceName[];

/** Two paths that upstream writes irregularly: one inside the source, one for an additional source. */
const innerPaths: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };
const extraPaths: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

function validateSource(volume: Volume, use: VolumeUse, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const name of sourcesOf(volume)) {
    if (found) {
      const field = `${path}.${extraPaths[name] ?? name}`;
      errors.push(forbiddenField(field, 'may not specify more than 1 volume type'));
    } else errors.push(...checks[name](volume, `${path}.${innerPaths[name] ?? name}`, use));
    found = true;
    if (name === 'iscsi') errors.push(...checkIscsiName(volume, path));
  }
  return found ? errors : [required(path, 'must specify a volume type')];
}

/** Nearly every volume has one source: the order matters only for several. */
function sourcesOf(volume: Volume): SourceName[] {
  const names = Object.keys(volume).filter(
    (key) => key in checks && volume[key as SourceName] !== undefined,
  ) as SourceName[];
  return names.length > 1 ? sourceNames.filter((name) => names.includes(name)) : names;
}

const iscsiNameMaxBytes = 64;

/** An initiator's name becomes part of a path, with the names of volume and portal. */
function checkIscsiName({ name = '', iscsi }: Volume, path: string): FieldError[] {
  if (iscsi?.initiatorName === undefined) return [];
  if (byteLength(`${name}:${iscsi.targetPortal}`) <= iscsiNameMaxBytes) return [];
  const text =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
  return [invalidValue(`${path}.name`, name, text)];
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

export function validateHostPath(source: { path: string; type?: string }, path: string): FieldError[] {
  if (!source.path) return [required(`${path}.path`)];
  return [
    ...checkNoBacksteps(`${path}.path`, source.path),
    ...checkOneOfIfGiven(`${path}.type`, source.type, hostPathTypes),
  ];
}

function validateItems(items: KeyToPath[] | undefined, path: string): FieldError[] {
  return (items ?? []).flatMap((item, i) => validateKeyToPath(item, `${path}.items[${i}]`));
}

function validateEphemeral(volume: Volume, podName: string, path: string): FieldError[] {
  const template = volume.ephemeral!.volumeClaimTemplate;
  const errors = template
    ? validateClaimTemplate(template, `${path}.volumeClaimTemplate`)
    : [required(`${path}.volumeClaimTemplate`)];
  if (podName && volume.name) {
    const claimName = `${podName}-${volume.name}`;
    for (const text of dns1123Subdomain(claimName)) {
      const field = path.replace(/ephemeral$/, 'name');
      errors.push(invalidValue(field, volume.name, `PVC name "${claimName}": ${text}`));
    }
  }
  return errors;
}

type ClaimTemplate = NonNullable<EphemeralVolumeSource['volumeClaimTemplate']>;

function validateClaimTemplate(template: ClaimTemplate, at: string): FieldError[] {
  const errors = validateTemplateMetadata(template.metadata, `${at}.metadata`);
  return [...errors, ...validateClaimSpec(template.spec, `${at}.spec`)];
}

/** What a template makes gets its labels and annotations, and nothing else of its metadata. */
export function validateTemplateMetadata(metadata: ObjectMeta | undefined, path: string): FieldError[] {
  const { annotations, labels, ...others } = metadata ?? {};
  return [
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...validateLabels(labels, `${path}.labels`),
    ...Object.keys(others).map((name) => forbiddenField(`${path}.${name}`, 'cannot be set')),
  ];
}

/** A template may omit the image, as pods may get it later. */
function validateImage(source: ImageVolumeSource, isPod: boolean, path: string): FieldError[] {
  const policies = ['Always', 'IfNotPresent', 'Never'];
  const errors = source.reference || !isPod ? [] : [required(`${path}.reference`)];
  return [...errors, ...checkOneOf(`${path}.pullPolicy`, source.pullPolicy, policies)];
}
