/** What a claim asks of this provisioner, as a pure question: a volume, nothing yet, or what it cannot have. */

import type { PersistentVolumeClaim, StorageClass } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { betaStorageProvisioner, selectedNode, storageProvisioner } from '#api/volumes/annotations.ts';
import { bindsAtFirstUse, classOfClaim } from '#api/volumes/storage-class.ts';
import type { StorageRequest } from '../node/node-storage.ts';
import { provisionerName } from './names.ts';

export type ClaimRequest =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'volume'; readonly node: string; readonly storage: StorageRequest };

const nothing: ClaimRequest = { kind: 'nothing' };
const refused = (why: string): ClaimRequest => ({ kind: 'refused', why });

/** Is this provisioner asked for a volume? */
export function isAsked({ metadata, spec }: Stored<PersistentVolumeClaim>): boolean {
  const { annotations = {} } = metadata;
  const asked = annotations[storageProvisioner] ?? annotations[betaStorageProvisioner];
  return asked === provisionerName && !spec?.volumeName && !metadata.deletionTimestamp;
}

/** `nodes`: those whose storage this provisioner serves, in their order. */
export function requestOf(
  claim: Stored<PersistentVolumeClaim>,
  storageClass: Stored<StorageClass> | undefined,
  nodes: readonly string[],
): ClaimRequest {
  if (!isAsked(claim)) return nothing;
  const className = classOfClaim(claim);
  if (!storageClass) return refused(`storageclass.storage.k8s.io "${className}" not found`);
  // Anyone who may write a claim may write the annotation that asks; who serves a class is its own matter.
  if (storageClass.provisioner !== provisionerName) return nothing;
  const selected = claim.metadata.annotations?.[selectedNode];
  if (!selected && bindsAtFirstUse(storageClass)) return nothing;
  if (selected && !nodes.includes(selected)) return nothing;
  const trouble = troubleOf(claim, storageClass);
  if (trouble) return refused(trouble);
  const node = selected ?? nodes[0];
  if (node === undefined) return refused('no node has storage');
  const storage = {
    name: volumeNameOf(claim),
    sizeBytes: quantityValue(claim.spec?.resources?.requests?.['storage']),
    isEnforced: storageClass.parameters?.['enforceSize'] === 'true',
  };
  return { kind: 'volume', node, storage };
}

/** As external provisioners call it. */
export function volumeNameOf({ metadata }: Stored<PersistentVolumeClaim>): string {
  return `pvc-${metadata.uid}`;
}

function troubleOf({ spec }: PersistentVolumeClaim, { parameters = {} }: StorageClass): string | undefined {
  for (const [name, value] of Object.entries(parameters)) {
    if (name !== 'enforceSize') return `the class has an unknown parameter "${name}": there is enforceSize`;
    if (!['true', 'false'].includes(value)) return `enforceSize is "${value}": it must be "true" or "false"`;
  }
  if (spec?.selector) return 'claim Selector is not supported';
  if (spec?.dataSource || spec?.dataSourceRef) return 'claims with a data source are not supported';
  if (spec?.volumeMode === 'Block') return 'block volumes are not supported';
  const shared = spec?.accessModes?.find((mode) => !mode.startsWith('ReadWriteOnce'));
  if (shared) {
    return `access mode ${shared} is not supported: the storage of a node serves ReadWriteOnce and ReadWriteOncePod`;
  }
  return undefined;
}
