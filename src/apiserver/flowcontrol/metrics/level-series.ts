/** Measurements of one priority level over time. */

import { Integrator } from './integrator.ts';
import { TimedRatio } from './samples.ts';

const seatUtilization = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
const requestUtilization = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1];
const demand = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.7, 2, 2.8, 4, 6];

export class LevelSeries {
  readonly level: string;
  readonly seatDemand: Integrator;
  readonly seatUtilization: TimedRatio;
  readonly executing: TimedRatio;
  readonly waiting: TimedRatio;
  readonly demand: TimedRatio;
  currentR = 0;
  dispatchR = 0;
  latestS = 0;
  readonly nextS = { min: 0, max: 0 };
  readonly nextDiscountedS = { min: 0, max: 0 };

  constructor(level: string, nowMs: number) {
    this.level = level;
    this.seatDemand = new Integrator(nowMs);
    this.seatUtilization = new TimedRatio(seatUtilization, nowMs);
    this.executing = new TimedRatio(requestUtilization, nowMs);
    this.waiting = new TimedRatio(requestUtilization, nowMs);
    this.demand = new TimedRatio(demand, nowMs);
  }

  get timed(): readonly TimedRatio[] {
    return [this.seatUtilization, this.executing, this.waiting, this.demand];
  }
}
