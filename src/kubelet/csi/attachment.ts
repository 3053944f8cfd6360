/**
 * Waits until a volume is attached to this node. Follows upstream's kubelet: the node's status must list the
 * volume as in use before it may be attached, and as attached before it is mounted; the VolumeAttachment has
 * what the driver is given of it.
 */

import { nodes, pods, volumeAttachments } from '#api/generated/kinds.gen.ts';
import type { VolumeAttachment } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { attachmentName, type CsiVolumeName, uniqueName } from '#api/volumes/csi-names.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../pod/pod.ts';
import type { VolumesInUse } from './volumes-in-use.ts';

/** As long as upstream waits for the volumes of a pod. */
const attachTimeoutMs = 123_000;
const lookIntervalMs = 300;
/** gRPC's code. */
const resourceExhausted = 8;

/** The volume was not attached in time, or the pod is being deleted meanwhile. */
export class NotAttached extends Error {
  override name = 'NotAttached';
}

/** The VolumeAttachment says why; upstream's `WaitForAttach`. */
export class AttachFailed extends Error {
  override name = 'AttachFailed';
}

export class Attachments {
  readonly #env: Env;
  readonly #client: Client;
  readonly #nodeName: string;
  readonly #inUse: VolumesInUse;

  constructor(env: Env, client: Client, nodeName: string, inUse: VolumesInUse) {
    this.#env = env;
    this.#client = client;
    this.#nodeName = nodeName;
    this.#inUse = inUse;
  }

  /** Throws `NotAttached` or `AttachFailed`. */
  async wait(volume: CsiVolumeName, pod: NodePod): Promise<void> {
    const { clock } = this.#env;
    const name = uniqueName(volume);
    const deadlineMs = clock.monotonicMs() + attachTimeoutMs;
    await this.#inUse.use(name);
    while (!(await this.#isListed(name))) {
      if (clock.monotonicMs() >= deadlineMs) throw new NotAttached('context deadline exceeded');
      if (await this.#isDeleted(pod)) throw new NotAttached('context canceled');
      await pause(clock, lookIntervalMs);
    }
    await this.#verify(volume);
  }

  /**
   * Whether the attacher reports that the node takes no more volumes. Upstream's isResourceExhaustError; false when there
   * is no attachment.
   */
  async isExhausted(volume: CsiVolumeName): Promise<boolean> {
    const attachment = await this.#get(volume).catch(() => undefined);
    return attachment?.status?.attachError?.errorCode === resourceExhausted;
  }

  /** What the driver reported of the attachment. Throws when there is none. */
  async publishContext(volume: CsiVolumeName): Promise<Record<string, string>> {
    const attachment = await this.#get(volume);
    return attachment.status?.attachmentMetadata ?? {};
  }

  async #verify(volume: CsiVolumeName): Promise<void> {
    const name = attachmentName(volume, this.#nodeName);
    const { volumeHandle } = volume;
    const found = await this.#get(volume).catch((error) => {
      const what = `volume ${volumeHandle} has GET error for volume attachment ${name}`;
      throw new AttachFailed(`${what}: ${errorText(error)}`);
    });
    if (found.metadata?.deletionTimestamp) throw new AttachFailed('volume attachment is being deleted');
    if (found.status?.attached) return;
    const { message } = found.status?.attachError ?? {};
    throw new AttachFailed(message ?? `volume ${volumeHandle} is not attached for volume attachment ${name}`);
  }

  #get(volume: CsiVolumeName): Promise<VolumeAttachment> {
    return this.#client.get(volumeAttachments, { name: attachmentName(volume, this.#nodeName) });
  }

  async #isListed(name: string): Promise<boolean> {
    const { status } = await this.#client.get(nodes, { name: this.#nodeName });
    return status?.volumesAttached?.some((attached) => attached.name === name) ?? false;
  }

  async #isDeleted({ metadata: { namespace = '', name, uid } }: NodePod): Promise<boolean> {
    try {
      const { metadata } = await this.#client.get(pods, { namespace, name });
      return metadata.uid !== uid || metadata.deletionTimestamp !== undefined;
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return true;
      throw error;
    }
  }
}
