/**
 * Attaches volumes to this node and detaches them, as their VolumeAttachments ask: what the side-car
 * `external-attacher` does.
 */

import {
  CoreV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  StorageV1Api,
  setHeaderOptions,
  type V1VolumeAttachment,
} from '@kubernetes/client-node';
import type { Connection } from '../protocol/service.ts';
import { follow, textOf } from './follow.ts';

export interface AttacherOptions {
  readonly config: KubeConfig;
  readonly driver: Connection;
  readonly driverName: string;
  readonly nodeName: string;
  readonly stopped: AbortSignal;
}

const kind = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', plural: 'volumeattachments' };

export async function startAttacher(options: AttacherOptions): Promise<void> {
  const attacher = new Attacher(options);
  await follow<V1VolumeAttachment>(options.config, kind, options.stopped, (found) => attacher.look(found));
}

class Attacher {
  readonly #options: AttacherOptions;
  readonly #core: CoreV1Api;
  readonly #storage: StorageV1Api;
  readonly #objects: KubernetesObjectApi;
  readonly #finalizer: string;

  constructor(options: AttacherOptions) {
    this.#options = options;
    this.#core = options.config.makeApiClient(CoreV1Api);
    this.#storage = options.config.makeApiClient(StorageV1Api);
    this.#objects = KubernetesObjectApi.makeApiClient(options.config);
    this.#finalizer = `external-attacher/${options.driverName.replaceAll('.', '-')}`;
  }

  async look(attachment: V1VolumeAttachment): Promise<void> {
    const { driverName, nodeName } = this.#options;
    const { spec, metadata, status } = attachment;
    if (spec.attacher !== driverName || spec.nodeName !== nodeName) return;
    if (metadata?.deletionTimestamp) await this.#detach(attachment);
    else if (!status?.attached) await this.#attach(attachment);
  }

  async #attach(attachment: V1VolumeAttachment): Promise<void> {
    const { driver, nodeName } = this.#options;
    const name = attachment.metadata?.name ?? '';
    // First: the volume must not stay attached when the object goes.
    await this.#setFinalizers(name, [this.#finalizer]);
    try {
      const volumeId = await this.#handleOf(attachment);
      const request = { volumeId, nodeId: nodeName, volumeCapability: capability, readonly: false };
      const { publishContext } = await driver.call('Controller', 'ControllerPublishVolume', request);
      await this.#writeStatus(name, {
        attached: true,
        attachmentMetadata: publishContext,
        attachError: null,
      });
    } catch (error) {
      const attachError = { message: textOf(error), time: new Date().toISOString() };
      await this.#writeStatus(name, { attached: false, attachError });
      throw error;
    }
  }

  async #detach(attachment: V1VolumeAttachment): Promise<void> {
    const { metadata } = attachment;
    if (!metadata?.finalizers?.includes(this.#finalizer)) return;
    const { driver, nodeName } = this.#options;
    const volumeId = await this.#handleOf(attachment);
    await driver.call('Controller', 'ControllerUnpublishVolume', { volumeId, nodeId: nodeName });
    await this.#setFinalizers(metadata.name ?? '', null);
  }

  async #handleOf({ spec }: V1VolumeAttachment): Promise<string> {
    const name = spec.source.persistentVolumeName ?? '';
    return (await this.#core.readPersistentVolume({ name })).spec?.csi?.volumeHandle ?? '';
  }

  async #setFinalizers(name: string, finalizers: string[] | null): Promise<void> {
    const { apiVersion, kind: kindName } = kind;
    const patch = { apiVersion, kind: kindName, metadata: { name, finalizers } };
    await this.#objects.patch(
      patch as object,
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );
  }

  async #writeStatus(name: string, status: object): Promise<void> {
    const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await this.#storage.patchVolumeAttachmentStatus({ name, body: { status } }, options);
  }
}

const capability = { accessMode: { mode: 'SINGLE_NODE_WRITER' }, mount: {} };
