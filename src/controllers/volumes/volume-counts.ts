/** What upstream's controllers of volumes measure: volumes and claims, attachments, and forced detachments. */

import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  volumeAttachments,
} from '#api/generated/kinds.gen.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  Pod,
  VolumeAttachment,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { claimNameOf } from '#api/volumes/ephemeral.ts';
import { classOfClaim } from '#api/volumes/storage-class.ts';
import { Counter } from '#base/metrics/counter.ts';
import { gauge, type Metric, type MetricLabels, type Reading, seriesKey } from '#base/metrics/metric.ts';
import type { Informers, Lister } from '#client/informers/informer.ts';
import { csiVolumeOf, inlineVolumesOf } from './csi-volumes.ts';

/** Upstream's plugins of the sources that its controllers know. */
const plugins: readonly (readonly [source: keyof PersistentVolumeSpec, plugin: string])[] = [
  ['hostPath', 'kubernetes.io/host-path'],
  ['nfs', 'kubernetes.io/nfs'],
  ['iscsi', 'kubernetes.io/iscsi'],
  ['fc', 'kubernetes.io/fc'],
  ['local', 'kubernetes.io/local-volume'],
];

interface Listers {
  readonly volumes: Lister<PersistentVolume>;
  readonly claims: Lister<PersistentVolumeClaim>;
  readonly attachments: Lister<VolumeAttachment>;
  readonly pods: Lister<Pod>;
}

export type ForcedDetachReason = 'timeout' | 'out-of-service';

export class VolumeCounts {
  readonly metrics: readonly Metric[];
  readonly #forced = new Counter(
    'attach_detach_controller_attachdetach_controller_forced_detaches',
    'Volumes that were taken from nodes that may still have them mounted, by the reason.',
  );
  #listers: Listers | undefined;

  constructor() {
    this.metrics = [
      this.#gauge('pv_collector_total_pv_count', 'Volumes.', (listers) =>
        listers.volumes.list().map(ofPlugin),
      ),
      this.#gauge('pv_collector_bound_pv_count', 'Bound volumes.', ({ volumes }) =>
        volumes.list().filter(isBound).map(ofClass),
      ),
      this.#gauge('pv_collector_unbound_pv_count', 'Volumes that are not bound.', ({ volumes }) =>
        volumes
          .list()
          .filter((volume) => !isBound(volume))
          .map(ofClass),
      ),
      this.#gauge('pv_collector_bound_pvc_count', 'Bound claims.', ({ claims }) =>
        claims.list().filter(isBound).map(ofClaim),
      ),
      this.#gauge('pv_collector_unbound_pvc_count', 'Claims that are not bound.', ({ claims }) =>
        claims
          .list()
          .filter((claim) => !isBound(claim))
          .map(ofClaim),
      ),
      this.#gauge('storage_count_attachable_volumes_in_use', 'Volumes of drivers, by node.', inUse),
      this.#gauge('attachdetach_controller_total_volumes', 'Attachments: wanted and made.', attachments),
      this.#forced,
    ];
  }

  /** From now on these are counted. */
  follow(informers: Informers): void {
    this.#listers = {
      volumes: informers.for(persistentVolumes),
      claims: informers.for(persistentVolumeClaims),
      attachments: informers.for(volumeAttachments),
      pods: informers.for(pods),
    };
  }

  forcedDetach(reason: ForcedDetachReason): void {
    this.#forced.of({ reason }).value++;
  }

  /** Counts the labels. */
  #gauge(name: string, help: string, labelsOf: (listers: Listers) => readonly MetricLabels[]): Metric {
    return gauge(name, help, () => (this.#listers ? counted(labelsOf(this.#listers)) : []));
  }
}

function counted(all: readonly MetricLabels[]): Iterable<Reading> {
  const counts = new Map<string, [MetricLabels, number]>();
  for (const labels of all) {
    const key = seriesKey(labels);
    counts.set(key, [labels, (counts.get(key)?.[1] ?? 0) + 1]);
  }
  return counts.values();
}

function isBound({ status }: PersistentVolume | PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound';
}

function pluginOf({ spec }: PersistentVolume): string {
  if (spec?.csi) return `kubernetes.io/csi:${spec.csi.driver}`;
  return plugins.find(([source]) => spec?.[source] !== undefined)?.[1] ?? 'N/A';
}

function ofPlugin(volume: PersistentVolume): MetricLabels {
  return { plugin_name: pluginOf(volume), volume_mode: volume.spec?.volumeMode ?? 'Filesystem' };
}

function ofClass({ spec }: PersistentVolume): MetricLabels {
  return { storage_class: spec?.storageClassName ?? '' };
}

function ofClaim(claim: PersistentVolumeClaim): MetricLabels {
  const { metadata, spec } = claim;
  return {
    namespace: metadata?.namespace ?? '',
    storage_class: classOfClaim(claim),
    volume_attributes_class: spec?.volumeAttributesClassName ?? '',
  };
}

/** Volumes of drivers that running pods of a node want. */
function inUse({ pods: all, ...listers }: Listers): MetricLabels[] {
  return all.list().flatMap((pod) => {
    const node = pod.spec?.nodeName;
    if (!node || isPodTerminal(pod)) return [];
    return driverVolumes(pod, listers).map((volume) => ({ node, volume_plugin: pluginOf(volume) }));
  });
}

function driverVolumes(
  pod: Stored<Pod>,
  { claims, volumes }: Pick<Listers, 'claims' | 'volumes'>,
): PersistentVolume[] {
  const { metadata, spec } = pod;
  const claimed = (spec?.volumes ?? []).flatMap((source) => {
    const name = claimNameOf(metadata.name, source);
    const claim = name === undefined ? undefined : claims.get(metadata.namespace, name);
    return csiVolumeOf(volumes.get(undefined, claim?.spec?.volumeName ?? '')) ?? [];
  });
  return [...claimed, ...inlineVolumesOf(pod)];
}

function attachments({ attachments: all, volumes }: Listers): MetricLabels[] {
  return all.list().flatMap(({ spec, status }) => {
    const { persistentVolumeName = '', inlineVolumeSpec } = spec.source;
    const volume = csiVolumeOf(volumes.get(undefined, persistentVolumeName)) ?? { spec: inlineVolumeSpec };
    const labels = { plugin_name: pluginOf(volume) };
    const desired = { ...labels, state: 'desired_state_of_world' };
    return status?.attached ? [desired, { ...labels, state: 'actual_state_of_world' }] : [desired];
  });
}
