/**
 * How the devices of drivers are, as the drivers last reported. What is older than its timeout is unknown. Upstream:
 * healthInfoCache of pkg/kubelet/cm/dra.
 */

import type { Clock } from '#base/clock.ts';

export interface DeviceHealth {
  readonly health: 'Healthy' | 'Unhealthy' | 'Unknown';
  /** Empty when the driver has nothing to add. */
  readonly message: string;
}

export interface ReportedHealth extends DeviceHealth {
  readonly pool: string;
  readonly device: string;
  readonly timeoutMs: number;
}

export interface HealthyDevice {
  readonly pool: string;
  readonly device: string;
}

interface Entry extends ReportedHealth {
  readonly atMs: number;
}

/** Of a driver, those reported last: one that reports ever new devices does not fill the memory. */
const devicesMax = 100_000;

const unknown: DeviceHealth = { health: 'Unknown', message: '' };

export class DeviceHealths {
  readonly #clock: Clock;
  /** By driver, by pool and device. */
  readonly #drivers = new Map<string, Map<string, Entry>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(driver: string, { pool, device }: HealthyDevice): DeviceHealth {
    const entry = this.#drivers.get(driver)?.get(keyOf({ pool, device }));
    return entry && !this.#isOver(entry) ? { health: entry.health, message: entry.message } : unknown;
  }

  /** Takes a report of all devices of a driver; returns those that are not as before. */
  update(driver: string, reported: readonly ReportedHealth[]): HealthyDevice[] {
    const devices = this.#drivers.get(driver) ?? new Map<string, Entry>();
    this.#drivers.set(driver, devices);
    const changed: HealthyDevice[] = [];
    const atMs = this.#clock.monotonicMs();
    for (const report of reported) {
      const key = keyOf(report);
      if (!isSame(devices.get(key), report)) changed.push(report);
      devices.delete(key);
      devices.set(key, { ...report, atMs });
    }
    const keys = new Set(reported.map(keyOf));
    for (const [key, entry] of devices) {
      if (keys.has(key) || !this.#isOver(entry)) continue;
      devices.delete(key);
      if (entry.health !== 'Unknown') changed.push(entry);
    }
    for (const [key, entry] of devices) {
      if (devices.size <= devicesMax) break;
      devices.delete(key);
      if (entry.health !== 'Unknown') changed.push(entry);
    }
    return changed;
  }

  /** Nothing is known of the driver's devices any more. */
  clear(driver: string): void {
    this.#drivers.delete(driver);
  }

  #isOver({ atMs, timeoutMs }: Entry): boolean {
    return this.#clock.monotonicMs() - atMs > timeoutMs;
  }
}

function keyOf({ pool, device }: HealthyDevice): string {
  return `${pool}/${device}`;
}

function isSame(entry: Entry | undefined, report: ReportedHealth): boolean {
  return (
    entry?.health === report.health &&
    entry.message === report.message &&
    entry.timeoutMs === report.timeoutMs
  );
}
