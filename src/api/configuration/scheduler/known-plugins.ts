/** The plugins of the default profile in upstream's order: which extension points they have, and the weights of their scores. */

/** In the order in which upstream checks them. */
export const extensionPoints = [
  'preFilter',
  'filter',
  'postFilter',
  'reserve',
  'preScore',
  'score',
  'preBind',
  'bind',
  'postBind',
  'permit',
  'preEnqueue',
  'queueSort',
] as const;

export type ExtensionPointName = (typeof extensionPoints)[number];

export interface KnownPlugin {
  readonly points: readonly ExtensionPointName[];
  /** Default 1. */
  readonly weight?: number;
  /** Computes its score also without preScore. */
  readonly scoresAlone?: boolean;
}

const filters: KnownPlugin = { points: ['preFilter', 'filter'] };
const filtersAlone: KnownPlugin = { points: ['filter'] };
const filtersAndScores = ['preFilter', 'filter', 'preScore', 'score'] as const;

export const knownPlugins: Readonly<Record<string, KnownPlugin>> = {
  SchedulingGates: { points: ['preEnqueue'] },
  PrioritySort: { points: ['queueSort'] },
  NodeUnschedulable: filtersAlone,
  NodeName: filtersAlone,
  TaintToleration: { points: ['filter', 'preScore', 'score'], weight: 3 },
  NodeAffinity: { points: filtersAndScores, weight: 2 },
  NodePorts: filters,
  NodeResourcesFit: { points: filtersAndScores, scoresAlone: true },
  VolumeRestrictions: filters,
  NodeVolumeLimits: filters,
  VolumeBinding: { points: ['preFilter', 'filter', 'reserve', 'preBind'] },
  VolumeZone: filters,
  PodTopologySpread: { points: filtersAndScores, weight: 2 },
  InterPodAffinity: { points: filtersAndScores, weight: 2 },
  DynamicResources: {
    points: ['preEnqueue', 'preFilter', 'filter', 'postFilter', 'score', 'reserve', 'preBind'],
    weight: 2,
    scoresAlone: true,
  },
  DefaultPreemption: { points: ['postFilter'] },
  NodeResourcesBalancedAllocation: { points: ['preScore', 'score'], scoresAlone: true },
  ImageLocality: { points: ['score'] },
  DefaultBinder: { points: ['bind'] },
  NodeDeclaredFeatures: filters,
};
