/** Cells that many kinds share: ages, label lists, container lists, shortened lists. */

import type { Container } from '../generated/types.gen.ts';
import type { KubeObject } from '../meta/object.ts';
import { humanAge } from '../values/duration.ts';
import type { PrintTime } from './printer.ts';

export function nameOf(object: KubeObject): string {
  return object.metadata?.name ?? '';
}

export function ageOf(object: KubeObject, now: PrintTime): string {
  return humanAge(object.metadata?.creationTimestamp, now);
}

export const none = '<none>';
export const unset = '<unset>';

export function orNone(text: string | undefined): string {
  return text || none;
}

/** `a=1,b=2`, or `<none>`. */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.map((key) => `${key}=${labels![key]}`).join(',') || none;
}

export function containerNames(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map((container) => container.name).join(',');
}

export function containerImages(containers: readonly Container[] | undefined): string {
  return (containers ?? []).map((container) => container.image ?? '').join(',');
}

/** `a,b,c + 2 more...` */
export function firstOf(values: readonly string[], max: number, separator = ','): string {
  const shown = values.slice(0, max).join(separator);
  return values.length > max ? `${shown} + ${values.length - max} more...` : shown;
}

export function boolText(value: boolean): string {
  return value ? 'True' : 'False';
}

/** Host and port in one text: IPv6 addresses in brackets. */
export function hostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const accessModeShort: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

export function accessModesText(modes: readonly string[] | undefined): string {
  const given = new Set(modes);
  return Object.keys(accessModeShort)
    .filter((mode) => given.has(mode))
    .map((mode) => accessModeShort[mode])
    .join(',');
}
