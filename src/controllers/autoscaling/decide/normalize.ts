/** From what the metrics ask for to what is done: stabilization, then limits. Writes AbleToScale and ScalingLimited. */

import type { HorizontalPodAutoscaler } from '#api/generated/types.gen.ts';
import { type Bounds, type Limited, limitByBounds, limitByRates } from '../pace/limits.ts';
import type { Memory } from '../pace/memory.ts';
import { type Stabilized, stabilizeByWindows, stabilizeDown } from '../pace/stabilize.ts';
import type { Findings } from './findings.ts';
import type { Settings } from './settings.ts';

export interface Normalized {
  readonly replicas: number;
  readonly memory: Memory;
}

/** What is remembered, and when now is by the clock of the memories. */
export interface Past {
  readonly memory: Memory;
  readonly monotonicMs: number;
}

/** `bounds.desired`: as the metrics ask for. */
export function normalize(
  { spec }: HorizontalPodAutoscaler,
  bounds: Bounds,
  { memory, monotonicMs: nowMs }: Past,
  settings: Settings,
  findings: Findings,
): Normalized {
  const windowMs = settings.downscaleStabilizationMs;
  const { behavior } = spec ?? {};
  if (!behavior) {
    const stabilized = stabilizeDown(memory.recommendations, bounds.desired, windowMs, nowMs);
    const limited = limitByBounds({ ...bounds, desired: stabilized.replicas }, settings.growthFactor);
    return report({ bounds, stabilized, limited, isUp: false }, memory, findings);
  }
  const { scaleUp = {}, scaleDown = {} } = behavior;
  const windows = {
    upSeconds: scaleUp.stabilizationWindowSeconds ?? 0,
    downSeconds: scaleDown.stabilizationWindowSeconds ?? windowMs / 1000,
  };
  const stabilized = stabilizeByWindows(memory.recommendations, bounds, windows, nowMs);
  const rates = { scaleUp, scaleDown, ups: memory.scaleUps, downs: memory.scaleDowns, nowMs };
  const limited = limitByRates({ ...bounds, desired: stabilized.replicas }, rates);
  return report({ bounds, stabilized, limited, isUp: bounds.desired >= bounds.current }, memory, findings);
}

interface Outcome {
  readonly bounds: Bounds;
  readonly stabilized: Stabilized;
  readonly limited: Limited;
  /** For the words about a stabilization. */
  readonly isUp: boolean;
}

function report(outcome: Outcome, memory: Memory, findings: Findings): Normalized {
  const { bounds, stabilized, limited, isUp } = outcome;
  if (stabilized.replicas === bounds.desired) {
    findings.set('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
  } else {
    const [reason, than, most] = isUp
      ? ['ScaleUpStabilized', 'lower', 'lowest']
      : ['ScaleDownStabilized', 'higher', 'highest'];
    const message = `recent recommendations were ${than} than current one, applying the ${most} recent recommendation`;
    findings.set('AbleToScale', 'True', reason, message);
  }
  const isLimited = limited.replicas !== stabilized.replicas;
  findings.set('ScalingLimited', isLimited ? 'True' : 'False', limited.reason, limited.message);
  return {
    replicas: limited.replicas,
    memory: { ...memory, recommendations: stabilized.recommendations },
  };
}
