/** How a simulated container behaves: read from its image's name or the pod's annotations. */

import { quantityMilliValue, quantityValue } from '#api/values/quantity.ts';

export interface Script {
  /** Ends by itself after so long; undefined when it runs until stopped. */
  readonly durationMs: number | undefined;
  readonly exitCode: number;
  /** Probes fail for this time after the start of the container. */
  readonly readyAfterMs: number;
  /** Time until it ends after SIGTERM, unless it is killed before. */
  readonly stopsAfterMs: number;
  /** Written at its start. */
  readonly logLines: readonly string[];
  /** The image cannot be pulled. */
  readonly absent: boolean;
  readonly memoryBytes: number;
  /** CPU use, in billionths of a core. */
  readonly nanoCores: number;
}

/** `simulated.kybern.dev/duration: 2s`; with `.CONTAINER` appended it counts for that container only. */
const prefix = 'simulated.kybern.dev/';

/**
 * Image names: `simulated/exit:1` ends with 1, `simulated/sleep:5s` ends with 0 after 5 s, `simulated/absent`
 * cannot be pulled. Anything else runs until it is stopped.
 */
export function scriptFor(image: string, container: string, annotations: Record<string, string>): Script {
  const named = (name: string) =>
    annotations[`${prefix}${name}.${container}`] ?? annotations[`${prefix}${name}`];
  const [kind, argument = ''] = /simulated\/([a-z]+):?(.*)$/s.exec(image)?.slice(1) ?? [];
  const exitCode = named('exit-code') ?? (kind === 'exit' ? argument : undefined);
  const duration =
    named('duration') ?? (kind === 'sleep' ? argument : exitCode === undefined ? undefined : '0s');
  return {
    durationMs: duration === undefined ? undefined : durationMs(duration),
    exitCode: Number(exitCode ?? 0) || 0,
    readyAfterMs: durationMs(named('ready-after') ?? '0s'),
    stopsAfterMs: durationMs(named('stop-after') ?? '0s'),
    logLines: (named('log') ?? '').split('\n').filter(Boolean),
    absent: kind === 'absent',
    memoryBytes: quantityValue(named('memory') ?? '16Mi'),
    nanoCores: quantityMilliValue(named('cpu') ?? '1m') * nanoCoresPerMilli,
  };
}

const nanoCoresPerMilli = 1e6;

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `1m30s`, `200ms`; a bare number means seconds. */
function durationMs(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(?<!\d)(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * units[unit!]!;
  }
  return total;
}
