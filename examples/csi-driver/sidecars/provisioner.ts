/**
 * Makes volumes for claims whose pod is to run on this node, and removes those that are released: what the
 * side-car `external-provisioner` does with `--node-deployment`.
 */

import {
  CoreV1Api,
  type KubeConfig,
  StorageV1Api,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
} from '@kubernetes/client-node';
import type { Connection, Message } from '../protocol/service.ts';
import { type EventReason, recordEvent } from './events.ts';
import { follow, textOf } from './follow.ts';
import { bytesOf } from './quantity.ts';

const finalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
const provisionedBy = 'pv.kubernetes.io/provisioned-by';
const modes: Record<string, string> = {
  ReadWriteOnce: 'SINGLE_NODE_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_WRITER',
  ReadOnlyMany: 'MULTI_NODE_READER_ONLY',
  ReadWriteMany: 'MULTI_NODE_MULTI_WRITER',
};

export interface ProvisionerOptions {
  readonly config: KubeConfig;
  readonly driver: Connection;
  readonly driverName: string;
  readonly nodeName: string;
  readonly stopped: AbortSignal;
}

export async function startProvisioner(options: ProvisionerOptions): Promise<void> {
  const provisioner = new Provisioner(options);
  const { config, stopped } = options;
  const claims = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims' };
  const volumes = { apiVersion: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes' };
  await follow<V1PersistentVolumeClaim>(config, claims, stopped, (claim) => provisioner.provision(claim));
  await follow<V1PersistentVolume>(config, volumes, stopped, (volume) => provisioner.remove(volume));
}

class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #core: CoreV1Api;
  readonly #storage: StorageV1Api;

  constructor(options: ProvisionerOptions) {
    this.#options = options;
    this.#core = options.config.makeApiClient(CoreV1Api);
    this.#storage = options.config.makeApiClient(StorageV1Api);
  }

  async provision(claim: V1PersistentVolumeClaim): Promise<void> {
    const { driverName, nodeName, driver } = this.#options;
    const { annotations = {}, uid = '' } = claim.metadata ?? {};
    if (annotations['volume.kubernetes.io/storage-provisioner'] !== driverName) return;
    if (annotations['volume.kubernetes.io/selected-node'] !== nodeName || claim.spec?.volumeName) return;
    const name = `pvc-${uid}`;
    const { storageClassName = '' } = claim.spec ?? {};
    const storageClass = await this.#storage.readStorageClass({ name: storageClassName });
    try {
      const { volume } = await driver.call('Controller', 'CreateVolume', {
        name,
        capacityRange: { requiredBytes: bytesOf(claim.spec?.resources?.requests?.['storage'] ?? '0') },
        volumeCapabilities: (claim.spec?.accessModes ?? []).map((mode) => ({
          accessMode: { mode: modes[mode] ?? 'UNKNOWN' },
          ...(claim.spec?.volumeMode === 'Block' ? { block: {} } : { mount: {} }),
        })),
        parameters: storageClass.parameters ?? {},
      });
      const policy = storageClass.reclaimPolicy ?? 'Delete';
      await this.#core.createPersistentVolume({ body: this.#volumeFor(claim, name, volume, policy) });
      await this.#record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
    } catch (error) {
      if ((error as { code?: number }).code === 409) return;
      const message = `failed to provision volume with StorageClass "${storageClassName}": ${textOf(error)}`;
      await this.#record(claim, 'Warning', 'ProvisioningFailed', message);
      throw error;
    }
  }

  async remove(volume: V1PersistentVolume): Promise<void> {
    const { driverName, driver } = this.#options;
    const { metadata, spec, status } = volume;
    if (metadata?.annotations?.[provisionedBy] !== driverName || !this.#isHere(volume)) return;
    const isReleased = status?.phase === 'Released' && spec?.persistentVolumeReclaimPolicy === 'Delete';
    if (!isReleased || !metadata.finalizers?.includes(finalizer)) return;
    await driver.call('Controller', 'DeleteVolume', { volumeId: spec?.csi?.volumeHandle });
    const name = metadata.name ?? '';
    if (!metadata.deletionTimestamp) await this.#core.deletePersistentVolume({ name });
    const kept = (metadata.finalizers ?? []).filter((other) => other !== finalizer);
    const newest = await this.#core.readPersistentVolume({ name });
    newest.metadata = { ...newest.metadata, finalizers: kept };
    await this.#core.replacePersistentVolume({ name, body: newest });
  }

  #volumeFor(
    claim: V1PersistentVolumeClaim,
    name: string,
    made: Message,
    policy: string,
  ): V1PersistentVolume {
    const { driverName } = this.#options;
    const { namespace, name: claimName, uid, resourceVersion } = claim.metadata ?? {};
    const segments: [string, string][] = Object.entries(made['accessibleTopology'][0].segments);
    const matchExpressions = segments.map(([key, value]) => ({ key, operator: 'In', values: [value] }));
    return {
      metadata: { name, annotations: { [provisionedBy]: driverName }, finalizers: [finalizer] },
      spec: {
        capacity: { storage: String(made['capacityBytes']) },
        accessModes: claim.spec?.accessModes ?? [],
        volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
        persistentVolumeReclaimPolicy: policy,
        storageClassName: claim.spec?.storageClassName ?? '',
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace,
          name: claimName,
          uid,
          resourceVersion,
        } as object,
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
        csi: { driver: driverName, volumeHandle: made['volumeId'], volumeAttributes: made['volumeContext'] },
      },
    };
  }

  #isHere({ spec }: V1PersistentVolume): boolean {
    const [term] = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    return term?.matchExpressions?.some(({ values }) => values?.includes(this.#options.nodeName)) ?? false;
  }

  #record(claim: V1PersistentVolumeClaim, ...event: EventReason): Promise<void> {
    return recordEvent(this.#core, this.#options.driverName, claim, ...event);
  }
}
