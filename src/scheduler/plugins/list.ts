/** All plugins, in the order in which those of the default profile run. */

import { type PluginArguments, usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type { SchedulerPlugin } from '../framework.ts';
import { defaultPreemption } from './default-preemption.ts';
import { dynamicResources } from './devices/dynamic-resources.ts';
import { imageLocality } from './nodes/image-locality.ts';
import { nodeAffinity } from './nodes/node-affinity.ts';
import { nodeDeclaredFeatures } from './nodes/node-declared-features.ts';
import { nodeName } from './nodes/node-name.ts';
import { nodePorts } from './nodes/node-ports.ts';
import { nodeUnschedulable } from './nodes/node-unschedulable.ts';
import { taintToleration } from './nodes/taint-toleration.ts';
import { nodeResourcesBalancedAllocation } from './resources/balanced-allocation.ts';
import { nodeResourcesFit } from './resources/fit.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { interPodAffinity } from './topology/inter-pod-affinity.ts';
import { podTopologySpread } from './topology/pod-topology-spread.ts';
import { nodeVolumeLimits } from './volumes/node-volume-limits.ts';
import { volumeBinding } from './volumes/volume-binding.ts';
import { volumeRestrictions } from './volumes/volume-restrictions.ts';
import { volumeZone } from './volumes/volume-zone.ts';

export function pluginsWith(args: PluginArguments): readonly SchedulerPlugin[] {
  const { interPodAffinity: affinity, defaultPreemption: preemption, volumeBinding: binding } = args;
  return [
    schedulingGates,
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity(args.nodeAffinity),
    nodePorts,
    nodeResourcesFit(args.fit),
    volumeRestrictions,
    nodeVolumeLimits,
    volumeBinding(binding),
    volumeZone,
    podTopologySpread(args.spread),
    interPodAffinity(affinity),
    dynamicResources(args.devices),
    nodeDeclaredFeatures,
    defaultPreemption(preemption),
    nodeResourcesBalancedAllocation(args.balance),
    imageLocality,
  ];
}

/** With upstream's arguments. */
export const defaultPlugins = pluginsWith(usualPluginArguments);
