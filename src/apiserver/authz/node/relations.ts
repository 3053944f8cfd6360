/**
 * What has to do with a node: its pods, what these refer to (secrets, config maps, claims, the volumes behind
 * the claims and their secrets, ServiceAccounts, resource claims), and what names the node itself. Upstream
 * keeps a graph of it; here the pods of the node are looked at, and the references of a pod are found once
 * per revision.
 */

import { persistentVolumes, pods, resourceSlices, volumeAttachments } from '#api/generated/kinds.gen.ts';
import type { PersistentVolume, Pod } from '#api/generated/types.gen.ts';
import { type PodReferences, podReferences } from '#api/pods/references.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject, readObjects } from '../../contract/typed-reader.ts';
import type { NodePods } from './pods.ts';

export interface Relations {
  pod(namespace: string, name: string): boolean;
  /** Does a pod of the node refer to it? */
  reference(what: keyof PodReferences, namespace: string, name: string): boolean;
  secret(namespace: string, name: string): boolean;
  volume(name: string): boolean;
  attachment(name: string): boolean;
  resourceSlice(name: string): boolean;
}

export function relationsOf(reader: ObjectReader, nodePods: NodePods, node: string): Relations {
  const isOwn = (pod: Pod | undefined) => pod?.spec?.nodeName === node;
  const reference = (what: keyof PodReferences, namespace: string, name: string) => {
    for (const pod of nodePods.of(node)) {
      if (pod.metadata?.namespace === namespace && podReferences(pod)[what].has(name)) return true;
    }
    return false;
  };
  const isMounted = ({ spec }: PersistentVolume) => {
    const claim = spec?.claimRef;
    return claim?.namespace !== undefined && reference('claims', claim.namespace, claim.name ?? '');
  };
  return {
    reference,
    pod: (namespace, name) => isOwn(readObject(reader, pods, namespace, name)),
    secret: (namespace, name) =>
      reference('secrets', namespace, name) ||
      readObjects(reader, persistentVolumes).some(
        (volume) => secretsOfVolume(volume).has(`${namespace}/${name}`) && isMounted(volume),
      ),
    volume(name) {
      const volume = readObject(reader, persistentVolumes, '', name);
      return volume !== undefined && isMounted(volume);
    },
    attachment: (name) => readObject(reader, volumeAttachments, '', name)?.spec?.nodeName === node,
    resourceSlice: (name) => readObject(reader, resourceSlices, '', name)?.spec?.nodeName === node,
  };
}

const none: ReadonlySet<string> = new Set();

/** `namespace/name`; what only controllers read is left out. */
function secretsOfVolume({ spec }: PersistentVolume): ReadonlySet<string> {
  if (!spec?.claimRef) return none;
  const names = new Set<string>();
  const add = (ref: { namespace?: string; name?: string } | undefined) => {
    if (ref?.name) names.add(`${ref.namespace || spec.claimRef?.namespace}/${ref.name}`);
  };
  const { azureFile, csi } = spec;
  if (azureFile) add({ namespace: azureFile.secretNamespace ?? '', name: azureFile.secretName });
  for (const key of refKeys) add(spec[key]?.secretRef);
  for (const ref of [csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef]) add(ref);
  return names;
}

const refKeys = ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos'] as const;
