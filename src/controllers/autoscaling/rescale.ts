/**
 * The two writes of an autoscaler. As upstream, neither is retried before the next period, except for conflicts of a
 * scaling.
 */

import { horizontalPodAutoscalers } from '#api/generated/kinds.gen.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { type Clock, sleep } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { eventAction } from '../shared/event-action.ts';
import type { Rescale } from './decide/decide.ts';
import type { Fields } from './sources/decode.ts';

/** Of a scaling that conflicts. */
const attemptsMax = 5;
const retryDelayMs = 10;

export interface RescaleData {
  readonly autoscaler: Stored<HorizontalPodAutoscaler>;
  /** Of the scale subresource. */
  readonly path: string;
  readonly scale: Fields;
  readonly rescale: Rescale;
}

export interface RescaleNotes {
  /** A scaling was done. */
  scaled(autoscaler: Stored<HorizontalPodAutoscaler>, rescale: Rescale): void;
  /** A scaling failed. */
  failed(autoscaler: Stored<HorizontalPodAutoscaler>): void;
  /** All is written, the status last: if it had to be. */
  reported(autoscaler: Stored<HorizontalPodAutoscaler>, isWritten: boolean): void;
}

export function rescaleStep(clock: Clock, notes: RescaleNotes): SpecialStep<RescaleData> {
  return {
    name: 'rescale',
    async carryOut({ autoscaler, path, scale, rescale }, client): Promise<Plan> {
      const { to, reason, statusIfDone, statusIfFailed } = rescale;
      const size = `New size: ${to}; reason: ${reason}`;
      try {
        await writeScale(client, clock, path, scale, to);
      } catch (error) {
        notes.failed(autoscaler);
        const { message } = error as Error;
        const warning = eventAction(autoscaler, 'Warning', 'FailedRescale', `${size}; error: ${message}`);
        return { actions: [warning, ...report(notes, autoscaler, withError(statusIfFailed, message))] };
      }
      notes.scaled(autoscaler, rescale);
      const event = eventAction(autoscaler, 'Normal', 'SuccessfulRescale', size);
      return { actions: [event, ...report(notes, autoscaler, statusIfDone)] };
    },
  };
}

export function reportStep(
  notes: Pick<RescaleNotes, 'reported'>,
): SpecialStep<Stored<HorizontalPodAutoscaler>> {
  return {
    name: reportName,
    async carryOut(autoscaler, client): Promise<Plan> {
      try {
        await client.updateStatus(horizontalPodAutoscalers, autoscaler);
        notes.reported(autoscaler, true);
        return nothingToDo;
      } catch (error) {
        notes.reported(autoscaler, false);
        const { message } = error as Error;
        return { actions: [eventAction(autoscaler, 'Warning', 'FailedUpdateStatus', message)] };
      }
    },
  };
}

const reportName = 'report';

/** Nothing if the status is reported already. */
export function report(
  notes: Pick<RescaleNotes, 'reported'>,
  autoscaler: Stored<HorizontalPodAutoscaler>,
  status: HorizontalPodAutoscalerStatus,
): Action[] {
  if (deepEqual(autoscaler.status, status, statusType)) {
    notes.reported(autoscaler, true);
    return [];
  }
  const { name, namespace } = autoscaler.metadata;
  const about = `HorizontalPodAutoscaler ${namespace}/${name}`;
  return [special(reportStep(notes), about, { ...autoscaler, status })];
}

const statusType = 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus';

async function writeScale(
  client: Client,
  clock: Clock,
  path: string,
  first: Fields,
  replicas: number,
): Promise<void> {
  let scale = first;
  for (let attempt = 1; ; attempt++) {
    try {
      await client.raw('PUT', path, { ...scale, spec: { ...(scale['spec'] as Fields), replicas } });
      return;
    } catch (error) {
      const isConflict = error instanceof StatusError && error.reason === 'Conflict';
      if (!isConflict || attempt === attemptsMax) throw error;
    }
    await sleep(clock, retryDelayMs);
    scale = (await client.raw('GET', path)) as Fields;
  }
}

function withError(status: HorizontalPodAutoscalerStatus, error: string): HorizontalPodAutoscalerStatus {
  const conditions = status.conditions?.map((condition) =>
    condition.type === 'AbleToScale' ? { ...condition, message: `${condition.message}${error}` } : condition,
  );
  return { ...status, ...(conditions ? { conditions } : {}) };
}
