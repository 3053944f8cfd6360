/**
 * The volumes of a real node's pods: set up, found again after a restart of the kubelet, kept in mind, and
 * taken down, each by itself: one that cannot be taken down keeps no other from it.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { type NodePod, podReference } from '../pod/pod.ts';
import { PodRejected, SetupError } from '../runtime/machine.ts';
import { volumesUsed } from '../volumes/claims/claimed-volume.ts';
import { persistentSource } from '../volumes/claims/persistent-source.ts';
import { claimPluginOf, pluginOf } from '../volumes/plugins.ts';
import {
  type FoundVolume,
  isBlock,
  isReadOnly,
  type PodVolume,
  persistentVolumeOf,
  type VolumeContext,
  type VolumePlaces,
  type VolumePlugin,
  volumeName,
} from '../volumes/volume.ts';
import { pluginLabel, VolumeMetrics } from '../volumes/volume-metrics.ts';
import { deviceFailure, noPlugin, notProcessed, setUpFailure } from './mount-failures.ts';
import type { PodPaths } from './pod-paths.ts';
import { SharedMounts } from './shared-mounts.ts';
import { expandOnNode } from './volume-expansion.ts';

/** What is the same for all pods of the node. */
export type VolumeTools = Omit<
  VolumeContext,
  'pod' | 'podIps' | 'claimed' | 'record' | keyof VolumePlaces
> & {
  readonly plugins: readonly VolumePlugin[];
  readonly events: Pick<EventRecorder, 'event'>;
};

interface Found {
  readonly plugin: VolumePlugin;
  readonly volume: FoundVolume;
  /** A cloud's disk that this life of the kubelet has set up. */
  readonly isMigrated: boolean;
}

/** A volume with its plugin, as metrics name it. */
interface SetUpVolume extends PodVolume {
  readonly plugin: string;
  readonly isMigrated: boolean;
}

export class PodVolumes {
  readonly #tools: VolumeTools;
  readonly #paths: PodPaths;
  /** By volume name, by the uid of the pod. */
  readonly #volumes = new Map<string, Map<string, SetUpVolume>>();
  /** The plugins of the volumes that a pod wants, by volume name, by the uid of the pod. */
  readonly #desired = new Map<string, Map<string, string>>();
  readonly #measured: VolumeMetrics;
  readonly #shared: SharedMounts;

  constructor(tools: VolumeTools, paths: PodPaths) {
    this.#tools = tools;
    this.#paths = paths;
    this.#measured = new VolumeMetrics(tools.env.clock, {
      actual: () => this.#volumes.values().flatMap((volumes) => volumes.values().map(({ plugin }) => plugin)),
      desired: () => this.#desired.values().flatMap((volumes) => volumes.values()),
    });
    this.#shared = new SharedMounts({
      podsDir: paths.pods,
      pluginsDir: paths.plugins,
      placesOf: (podUid) => paths.volumePlaces(podUid),
      measure: (plugin, { driver, isMigrated }, work) =>
        this.#measured.measure('unmount_device', { plugin: pluginLabel(plugin, driver), isMigrated }, work),
    });
  }

  get metrics(): readonly Metric[] {
    return this.#measured.metrics;
  }

  /** Also brings those that are there up to date. Throws `SetupError` or `PodRejected`. */
  async setUp(pod: NodePod): Promise<void> {
    const { uid } = pod.metadata;
    const volumes = this.#volumes.get(uid) ?? (await this.#findReadOnly(uid));
    this.#volumes.set(uid, volumes);
    const context = this.#contextOf(pod);
    const { mounts, devices } = volumesUsed(pod);
    for (const volume of pod.spec.volumes ?? []) {
      if (!mounts.has(volume.name) && !devices.has(volume.name)) continue;
      try {
        await this.#setUpOne(context, volume, volumes);
      } catch (error) {
        // A running pod keeps the volumes it has when their source goes away, over a restart of the kubelet
        // too.
        if (!volumes.has(volume.name)) throw error;
      }
    }
  }

  /** By volume name. */
  of(podUid: string): ReadonlyMap<string, PodVolume> {
    return this.#volumes.get(podUid) ?? new Map();
  }

  /**
   * Of a pod whose containers have ended, whether this life of the kubelet knows it or not. Throws when some
   * volume could not be taken down, after all others were.
   */
  async tearDown(podUid: string): Promise<void> {
    const setUp = [...(this.#volumes.get(podUid)?.values() ?? [])];
    const isMigrated = ({ path }: FoundVolume) => setUp.some((each) => each.isMigrated && each.path === path);
    this.#volumes.delete(podUid);
    this.#desired.delete(podUid);
    this.#tools.tokens.forget(podUid);
    const places = this.#paths.volumePlaces(podUid);
    // Together: they share their looks at the machine's mounts.
    const found = await Promise.all(
      this.#tools.plugins.map(async (plugin) =>
        (await plugin.find(places)).map((volume) => ({ plugin, volume, isMigrated: isMigrated(volume) })),
      ),
    );
    const taken = await Promise.allSettled(found.flat().map((each) => this.#tearDownOne(places, each)));
    this.#shared.forget(podUid);
    const failed = taken.flatMap((result) =>
      result.status === 'rejected' ? [errorText(result.reason)] : [],
    );
    if (failed.length > 0) throw new Error(failed.join('; '));
    for (const { plugin, volume, isMigrated } of found.flat()) {
      const { device, driver } = volume;
      if (device !== undefined) await this.#shared.release(plugin, device, { driver, isMigrated });
    }
  }

  /** Unmounts what pods share and none stands on any more. */
  releaseDevices(): Promise<void> {
    return this.#shared.releaseUnused(this.#tools.plugins, this.#tools.env.log);
  }

  async #setUpOne(context: VolumeContext, volume: Volume, volumes: Map<string, SetUpVolume>): Promise<void> {
    const source = await persistentSource(context.objects, context.pod, volume).catch((error: unknown) => {
      throw notProcessed(volume.name, error);
    });
    const full = { ...context, ...source };
    const { isMigrated = false } = source;
    const about = { name: volumeName(full, volume), isBlock: isBlock(full) };
    const plugin = this.#pluginOf(full, volume);
    if (!plugin) throw setUpFailure(about, noPlugin(volume));
    const label = pluginLabel(plugin, plugin.driverOf?.(full, volume));
    this.#want(full, volume, label);
    const present = volumes.get(volume.name);
    const isKept = present && plugin.repeats?.(full, volume) !== true;
    if (isKept) return this.#expand(plugin, full, volume, present);
    try {
      const operation = about.isBlock ? 'map_volume' : 'volume_mount';
      const labelled = { plugin: label, isMigrated };
      const path = await this.#measured.measure(operation, labelled, () => this.#mount(plugin, full, volume));
      const readOnly = plugin.readOnly === true || isReadOnly(volume);
      const { isBlock } = about;
      const measure = plugin.measure && (async () => plugin.measure?.(path, isBlock));
      const made = { path, readOnly, isBlock, ...labelled, ...(measure ? { measure } : {}) };
      volumes.set(volume.name, made);
      await this.#expand(plugin, full, volume, made);
    } catch (error) {
      const isOwn = error instanceof SetupError || error instanceof PodRejected;
      throw isOwn ? error : setUpFailure(about, error);
    }
  }

  async #expand(
    plugin: VolumePlugin,
    context: VolumeContext,
    volume: Volume,
    { path, readOnly, plugin: label, isMigrated }: SetUpVolume,
  ): Promise<void> {
    if (!plugin.expand || !context.claimed || readOnly) return;
    await expandOnNode(context, this.#tools.events, () =>
      this.#measured.measure('volume_fs_resize', { plugin: label, isMigrated }, async () =>
        plugin.expand?.(context, volume, path),
      ),
    );
  }

  #want({ pod }: VolumeContext, { name }: Volume, label: string): void {
    const { uid } = pod.metadata;
    const desired = this.#desired.get(uid) ?? new Map<string, string>();
    this.#desired.set(uid, desired.set(name, label));
  }

  async #tearDownOne(
    { volumeDevicesDir }: VolumePlaces,
    { plugin, volume, isMigrated }: Found,
  ): Promise<void> {
    const operation = volume.path.startsWith(`${volumeDevicesDir}/`) ? 'unmap_volume' : 'volume_unmount';
    const work = () => plugin.tearDown(volume);
    await this.#measured
      .measure(operation, { plugin: pluginLabel(plugin, volume.driver), isMigrated }, work)
      .catch((error: unknown) => {
        throw new Error(`UnmountVolume.TearDown failed for volume "${volume.name}" : ${errorText(error)}`);
      });
  }

  #contextOf(pod: NodePod): VolumeContext {
    const { plugins: _, events, ...tools } = this.#tools;
    const podIps = (pod.status?.podIPs ?? []).flatMap((podIP) => (podIP.ip ? [podIP.ip] : []));
    const places = this.#paths.volumePlaces(pod.metadata.uid);
    return {
      ...tools,
      ...places,
      pod,
      podIps,
      record: (...event) => events.event(podReference(pod), ...event),
    };
  }

  #pluginOf(context: VolumeContext, volume: Volume): VolumePlugin | undefined {
    const { plugins } = this.#tools;
    const persistent = persistentVolumeOf(context);
    return persistent ? claimPluginOf(plugins, persistent.spec) : pluginOf(plugins, volume);
  }

  async #mount(plugin: VolumePlugin, context: VolumeContext, volume: Volume): Promise<string> {
    const device = await plugin.devices?.deviceOf(context, volume);
    if (device === undefined) return plugin.setUp(context, volume);
    let path = '';
    await this.#shared.hold(plugin, device, context.pod.metadata.uid, async (devices) => {
      await devices.mount(context, volume, device).catch((error: unknown) => {
        throw deviceFailure({ name: volumeName(context, volume), isBlock: isBlock(context) }, error);
      });
      path = await plugin.setUp(context, volume);
    });
    return path;
  }

  /** Others have to be made ready in any case: a tmpfs is gone when the machine has started again. */
  async #findReadOnly(podUid: string): Promise<Map<string, SetUpVolume>> {
    const volumes = new Map<string, SetUpVolume>();
    for (const plugin of this.#tools.plugins.filter(({ readOnly }) => readOnly)) {
      for (const { name, path } of await plugin.find(this.#paths.volumePlaces(podUid))) {
        const kind = { readOnly: true, isBlock: false, isMigrated: false };
        volumes.set(name, { path, ...kind, plugin: pluginLabel(plugin, undefined) });
      }
    }
    return volumes;
  }
}
