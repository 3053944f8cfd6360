/**
 * Where a cloud's volume can be used, in the labels that the CSI driver gives to nodes. The node affinity of a volume
 * comes before its labels. Upstream: plugins/in_tree_volume.go of k8s.io/csi-translation-lib.
 */

import type {
  NodeSelectorRequirement,
  PersistentVolume,
  VolumeNodeAffinity,
} from '../../generated/types.gen.ts';

const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const betaRegion = 'failure-domain.beta.kubernetes.io/region';
/** Between the zones that one label names. */
export const zoneSeparator = '__';

type Affinity = VolumeNodeAffinity | undefined;

/** `csiKey`: the driver's label of a zone. A region is only renamed from its older label to the present one. */
export function zonalAffinity(volume: PersistentVolume, csiKey: string): Affinity {
  const [zoneLabel, regionLabel] = topologyLabels(volume);
  const zones = volume.metadata?.labels?.[zoneLabel]?.split(zoneSeparator) ?? [];
  const affinity = translated(volume.spec?.nodeAffinity, zoneLabel, csiKey, zones);
  return regionLabel === betaRegion ? renamed(affinity, betaRegion, region) : affinity;
}

/** As `zonalAffinity` for a driver with labels of zones and regions, where a label names one place. */
export function regionalAffinity(volume: PersistentVolume, csiZone: string, csiRegion: string): Affinity {
  const [zoneLabel, regionLabel] = topologyLabels(volume);
  const { [zoneLabel]: zoneName = '', [regionLabel]: regionName = '' } = volume.metadata?.labels ?? {};
  const affinity = translated(volume.spec?.nodeAffinity, zoneLabel, csiZone, [zoneName]);
  return translated(affinity, regionLabel, csiRegion, [regionName]);
}

/** The labels of zone and region by which the volume says its place. */
function topologyLabels({ metadata, spec }: PersistentVolume): [zone: string, region: string] {
  const { labels = {} } = metadata ?? {};
  const keys = new Set(requirementsOf(spec?.nodeAffinity).map(({ key }) => key));
  if (keys.has(zone)) return [zone, region];
  if (keys.has(betaZone)) return [betaZone, betaRegion];
  return labels[zone] === undefined && labels[betaZone] !== undefined
    ? [betaZone, betaRegion]
    : [zone, region];
}

/** The driver's key in place of the label, or the places of the volume's labels in every term. */
function translated(affinity: Affinity, label: string, csiKey: string, places: readonly string[]): Affinity {
  const isInAffinity = requirementsOf(affinity).some(
    ({ key, values = [] }) => key === label && values.length > 0,
  );
  return isInAffinity ? renamed(affinity, label, csiKey) : withPlaces(affinity, csiKey, places);
}

function renamed(affinity: Affinity, from: string, to: string): Affinity {
  return changed(affinity, (requirements) =>
    requirements.map((requirement) => (requirement.key === from ? { ...requirement, key: to } : requirement)),
  );
}

function withPlaces(affinity: Affinity, key: string, places: readonly string[]): Affinity {
  const values = [...new Set(places.map((place) => place.trim()).filter(Boolean))].sort();
  if (values.length === 0) return affinity;
  const hasTerms = (affinity?.required?.nodeSelectorTerms ?? []).length > 0;
  const terms = hasTerms ? affinity : { required: { nodeSelectorTerms: [{}] } };
  return changed(terms, (requirements) => [...requirements, { key, operator: 'In', values }]);
}

/** With other expressions in every term. */
function changed(
  affinity: Affinity,
  change: (requirements: NodeSelectorRequirement[]) => NodeSelectorRequirement[],
): Affinity {
  if (!affinity?.required) return affinity;
  const nodeSelectorTerms = affinity.required.nodeSelectorTerms.map((term) => {
    const matchExpressions = change(term.matchExpressions ?? []);
    return matchExpressions.length > 0 ? { ...term, matchExpressions } : term;
  });
  return { ...affinity, required: { ...affinity.required, nodeSelectorTerms } };
}

function requirementsOf(affinity: Affinity): NodeSelectorRequirement[] {
  const terms = affinity?.required?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchExpressions = [] }) => matchExpressions);
}
