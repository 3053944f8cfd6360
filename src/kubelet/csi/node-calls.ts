/**
 * The calls of a driver's node service, as the kubelet makes them. Paths are the kubelet's own; the driver
 * gets them as it knows them, below `/var/lib/kubelet`. Upstream: pkg/volume/csi/csi_client.go.
 */

import { errorText } from '#base/text/error-text.ts';
import { PluginChannel } from '../grpc/plugin-channel.ts';
import { RpcError } from '../grpc/rpc-error.ts';
import type { Message } from '../grpc/service-types.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import description from './csi.gen.json' with { type: 'json' };
import type { CsiMetrics } from './csi-metrics.ts';
import { type AccessModes, capabilityOf, type VolumeAccess } from './volume-capability.ts';

/** Every call of a driver ends after this long, as upstream's. */
export const callTimeoutMs = 2 * 60_000;

/** Names of `NodeServiceCapability.RPC.Type`. */
export type NodeCapability =
  | 'STAGE_UNSTAGE_VOLUME'
  | 'GET_VOLUME_STATS'
  | 'EXPAND_VOLUME'
  | 'VOLUME_CONDITION'
  | 'SINGLE_NODE_MULTI_WRITER'
  | 'VOLUME_MOUNT_GROUP';

export interface DriverNodeInfo {
  readonly nodeId: string;
  /** 0: the driver sets no limit. */
  readonly maxVolumesPerNode: number;
  readonly topology: Readonly<Record<string, string>>;
}

export interface StageRequest extends VolumeAccess {
  readonly volumeId: string;
  readonly stagingPath: string;
  readonly publishContext: Readonly<Record<string, string>>;
  readonly volumeContext: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface PublishRequest extends Omit<StageRequest, 'stagingPath'> {
  readonly targetPath: string;
  /** Absent where the driver does not stage. */
  readonly stagingPath?: string | undefined;
  readonly readOnly: boolean;
}

export interface ExpandRequest extends VolumeAccess {
  readonly volumeId: string;
  readonly volumePath: string;
  readonly stagingPath?: string | undefined;
  readonly requiredBytes: number;
  readonly secrets: Readonly<Record<string, string>>;
}

/** One unit of what a driver reports of a volume. */
export interface VolumeUsage {
  readonly unit: 'BYTES' | 'INODES' | 'UNKNOWN';
  readonly available: number;
  readonly total: number;
  readonly used: number;
}

export interface CalledDriver {
  readonly name: string;
  readonly endpoint: string;
}

export class NodeCalls {
  readonly #driver: CalledDriver;
  readonly #channel: PluginChannel;
  readonly #root: KubeletRoot;
  readonly #metrics: CsiMetrics;

  private constructor(driver: CalledDriver, channel: PluginChannel, root: KubeletRoot, metrics: CsiMetrics) {
    this.#driver = driver;
    this.#channel = channel;
    this.#root = root;
    this.#metrics = metrics;
  }

  static async open(driver: CalledDriver, root: KubeletRoot, metrics: CsiMetrics): Promise<NodeCalls> {
    return new NodeCalls(driver, await PluginChannel.open(driver.endpoint, description), root, metrics);
  }

  async getInfo(): Promise<DriverNodeInfo> {
    const { nodeId, maxVolumesPerNode, accessibleTopology } = await this.#call('NodeGetInfo', {});
    return {
      nodeId: nodeId as string,
      maxVolumesPerNode: maxVolumesPerNode as number,
      topology: ((accessibleTopology as Message | null)?.['segments'] ?? {}) as Record<string, string>,
    };
  }

  async capabilities(): Promise<ReadonlySet<NodeCapability>> {
    const { capabilities } = await this.#call('NodeGetCapabilities', {});
    const types = (capabilities as { rpc?: { type?: NodeCapability } }[]).map(({ rpc }) => rpc?.type);
    return new Set(types.filter((type) => type !== undefined));
  }

  async stage(request: StageRequest): Promise<void> {
    const { volumeId, publishContext, volumeContext, secrets } = request;
    const message = {
      volumeId,
      publishContext,
      volumeContext,
      secrets,
      stagingTargetPath: this.#root.toStandard(request.stagingPath),
      volumeCapability: capabilityOf(request, await this.#accessModes()),
    };
    await this.#call('NodeStageVolume', message, request.isMigrated);
  }

  async unstage(volumeId: string, stagingPath: string): Promise<void> {
    const stagingTargetPath = this.#root.toStandard(stagingPath);
    await this.#call('NodeUnstageVolume', { volumeId, stagingTargetPath });
  }

  async publish(request: PublishRequest): Promise<void> {
    const { volumeId, publishContext, volumeContext, secrets, readOnly, stagingPath } = request;
    const message = {
      volumeId,
      publishContext,
      volumeContext,
      secrets,
      readonly: readOnly,
      targetPath: this.#root.toStandard(request.targetPath),
      volumeCapability: capabilityOf(request, await this.#accessModes()),
      ...(stagingPath === undefined ? {} : { stagingTargetPath: this.#root.toStandard(stagingPath) }),
    };
    await this.#call('NodePublishVolume', message, request.isMigrated);
  }

  async unpublish(volumeId: string, targetPath: string): Promise<void> {
    await this.#call('NodeUnpublishVolume', { volumeId, targetPath: this.#root.toStandard(targetPath) });
  }

  /** Returns the size in bytes that the driver reports; 0 when it reports none. */
  async expand(request: ExpandRequest): Promise<number> {
    const { volumeId, volumePath, stagingPath, requiredBytes, secrets } = request;
    const message = {
      volumeId,
      secrets,
      volumePath: this.#root.toStandard(volumePath),
      capacityRange: { requiredBytes },
      volumeCapability: capabilityOf(request, await this.#accessModes()),
      ...(stagingPath === undefined ? {} : { stagingTargetPath: this.#root.toStandard(stagingPath) }),
    };
    const { capacityBytes } = await this.#call('NodeExpandVolume', message, request.isMigrated);
    return capacityBytes as number;
  }

  /** The condition of the volume is not read: upstream's gate `CSIVolumeHealth` is off. */
  async stats(volumeId: string, volumePath: string): Promise<readonly VolumeUsage[]> {
    const request = { volumeId, volumePath: this.#root.toStandard(volumePath) };
    const { usage } = await this.#call('NodeGetVolumeStats', request);
    return usage as VolumeUsage[];
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  async #accessModes(): Promise<AccessModes> {
    return (await this.capabilities()).has('SINGLE_NODE_MULTI_WRITER') ? 'single-node-writers' : 'basic';
  }

  #call(name: string, request: Message, isMigrated?: boolean): Promise<Message> {
    const measured = { driver: this.#driver.name, method: `/csi.v1.Node/${name}`, isMigrated };
    return this.#metrics.measure(measured, () =>
      this.#channel.call('Node', name, request, { timeoutMs: callTimeoutMs }),
    );
  }
}

const unfinishedCodes = ['Canceled', 'DeadlineExceeded', 'Unavailable', 'ResourceExhausted', 'Aborted'];

/**
 * Whether the driver has ended the failed call for sure. Otherwise it may still be at work, and the volume must be
 * taken down as if it had been mounted.
 */
export function isFinal(error: unknown): boolean {
  return error instanceof RpcError && !unfinishedCodes.includes(error.code);
}

/** What upstream puts before the messages of its CSI plugin. */
export function csiText(what: string, error?: unknown): string {
  return `kubernetes.io/csi: ${what}${error === undefined ? '' : `: ${errorText(error)}`}`;
}
