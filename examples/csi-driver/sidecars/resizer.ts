/**
 * Makes volumes of the driver larger when their claims ask for more: what the side-car `external-resizer` does. The
 * controller service grows the volume, the PersistentVolume says so, and the rest is left to the kubelet of the node, or
 * there is none.
 */

import {
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
} from '@kubernetes/client-node';
import type { Connection } from '../protocol/service.ts';
import { type EventReason, recordEvent } from './events.ts';
import { follow, textOf } from './follow.ts';
import { bytesOf } from './quantity.ts';

export interface ResizerOptions {
  readonly config: KubeConfig;
  readonly driver: Connection;
  readonly driverName: string;
  readonly nodeName: string;
  readonly stopped: AbortSignal;
}

const asMerge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);

/** The size that the claim asks for, when its volume does not have it yet. */
export function wantedSize({ spec, status }: V1PersistentVolumeClaim): string | undefined {
  const wanted = spec?.resources?.requests?.['storage'] ?? '0';
  if (status?.phase !== 'Bound' || bytesOf(wanted) <= bytesOf(status.capacity?.['storage'] ?? '0')) {
    return undefined;
  }
  const left = status.allocatedResourceStatuses?.['storage'] ?? '';
  // The node's part is the kubelet's, and ends with the claim's capacity.
  const isWithNode = left.startsWith('NodeResize') && status.allocatedResources?.['storage'] === wanted;
  return isWithNode ? undefined : wanted;
}

export async function startResizer(options: ResizerOptions): Promise<void> {
  const resizer = new Resizer(options);
  const claims = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims' };
  const { config, stopped } = options;
  await follow<V1PersistentVolumeClaim>(config, claims, stopped, (claim) => resizer.resize(claim));
}

class Resizer {
  readonly #options: ResizerOptions;
  readonly #core: CoreV1Api;

  constructor(options: ResizerOptions) {
    this.#options = options;
    this.#core = options.config.makeApiClient(CoreV1Api);
  }

  async resize(seen: V1PersistentVolumeClaim): Promise<void> {
    if (wantedSize(seen) === undefined) return;
    // What was seen may be a step of this resizer's own, or of the kubelet's, that is over.
    const { name: claimName = '', namespace = '' } = seen.metadata ?? {};
    const claim = await this.#core.readNamespacedPersistentVolumeClaim({ name: claimName, namespace });
    const size = wantedSize(claim);
    const name = claim.spec?.volumeName;
    if (size === undefined || !name) return;
    const volume = await this.#core.readPersistentVolume({ name });
    if (volume.spec?.csi?.driver !== this.#options.driverName || !this.#isHere(volume)) return;
    await this.#begin(claim, size);
    await this.#record(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${name}`);
    try {
      await this.#grow(claim, volume, size);
    } catch (error) {
      const { driverName } = this.#options;
      const what = `resize volume "${name}" by resizer "${driverName}" failed`;
      await this.#record(claim, 'Warning', 'VolumeResizeFailed', `${what}: ${textOf(error)}`);
      throw error;
    }
  }

  async #grow(claim: V1PersistentVolumeClaim, volume: V1PersistentVolume, size: string): Promise<void> {
    const { capacityBytes, nodeExpansionRequired } = await this.#options.driver.call(
      'Controller',
      'ControllerExpandVolume',
      { volumeId: volume.spec?.csi?.volumeHandle, capacityRange: { requiredBytes: bytesOf(size) } },
    );
    // The claim's own words where they mean the same: 2Gi, and not 2147483648.
    const storage = capacityBytes === bytesOf(size) ? size : String(capacityBytes);
    const name = volume.metadata?.name ?? '';
    await this.#core.patchPersistentVolume({ name, body: { spec: { capacity: { storage } } } }, asMerge);
    if (nodeExpansionRequired) return this.#leaveToNode(claim);
    await this.#patchStatus(claim, {
      capacity: { storage },
      conditions: null,
      allocatedResourceStatuses: { storage: null },
    });
    await this.#record(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
  }

  #begin(claim: V1PersistentVolumeClaim, storage: string): Promise<void> {
    return this.#patchStatus(claim, {
      allocatedResources: { storage },
      allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
      conditions: [condition('Resizing')],
    });
  }

  async #leaveToNode(claim: V1PersistentVolumeClaim): Promise<void> {
    await this.#patchStatus(claim, {
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
      conditions: [
        condition(
          'FileSystemResizePending',
          'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
        ),
      ],
    });
    const message = 'Require file system resize of volume on node';
    await this.#record(claim, 'Normal', 'FileSystemResizeRequired', message);
  }

  async #patchStatus({ metadata }: V1PersistentVolumeClaim, status: object): Promise<void> {
    const { name = '', namespace = '' } = metadata ?? {};
    const request = { name, namespace, body: { status } };
    await this.#core.patchNamespacedPersistentVolumeClaimStatus(request, asMerge);
  }

  #isHere({ spec }: V1PersistentVolume): boolean {
    const [term] = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    return term?.matchExpressions?.some(({ values }) => values?.includes(this.#options.nodeName)) ?? false;
  }

  #record(claim: V1PersistentVolumeClaim, ...event: EventReason): Promise<void> {
    return recordEvent(this.#core, this.#options.driverName, claim, ...event);
  }
}

function condition(type: string, message?: string): object {
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return { type, status: 'True', lastTransitionTime, ...(message === undefined ? {} : { message }) };
}
