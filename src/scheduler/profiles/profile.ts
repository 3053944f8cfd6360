/** A profile of the scheduler: whose pods it takes, and the plugins that find their nodes. */

import type { SchedulerProfile } from '#api/configuration/scheduler/profiles.ts';
import type { SchedulerPlugin } from '../framework.ts';
import { pluginsWith } from '../plugins/list.ts';
import { enabledOf } from './enabled-plugins.ts';

export interface Profile {
  /** The `spec.schedulerName` of its pods, and the source of their events. */
  readonly schedulerName: string;
  /** In the order in which they run. */
  readonly plugins: readonly SchedulerPlugin[];
  /** 0: by the number of nodes. */
  readonly percentageOfNodesToScore: number;
}

export function profileOf(profile: SchedulerProfile): Profile {
  const { schedulerName, percentageOfNodesToScore, plugins, pluginArguments } = profile;
  const all = pluginsWith(pluginArguments);
  return { schedulerName, percentageOfNodesToScore, plugins: plugins ? enabledOf(all, plugins) : all };
}
