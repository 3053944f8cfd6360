/** What the labels of a namespace ask of its pods: a level and a version for each of the three modes. */

import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import type { Level } from './checks.ts';

export interface LevelVersion {
  readonly level: Level;
  readonly version: string;
}

export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

/** From the laxest to the strictest. */
const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const privileged: LevelVersion = { level: 'privileged', version: 'latest' };
const versionText = /^(?:latest|v1\.(?:\d|[1-9]\d*))$/;

/**
 * There is always a policy: a level that cannot be read counts as restricted where it is enforced, as
 * privileged elsewhere; a version that cannot be read as the latest.
 */
export function policyOf(labels: Record<string, string>): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: string, isValid: (text: string) => boolean, rule: string) => {
    const label = `pod-security.kubernetes.io/${mode}`;
    const text = labels[label];
    const isBad = text !== undefined && !isValid(text);
    if (isBad) errors.push(invalidValue(`metadata.labels[${label}]`, text, `must be ${rule}`));
    return { text: isBad ? undefined : text, isBad, isGiven: text !== undefined };
  };
  const modeOf = (mode: string, ofBad: Level, missing: LevelVersion) => {
    const level = read(mode, (text) => levels.includes(text), `one of ${levels.join(', ')}`);
    const version = read(`${mode}-version`, (text) => versionText.test(text), '"latest" or "v1.x"');
    const asked = level.isGiven ? ((level.text as Level | undefined) ?? ofBad) : missing.level;
    const isDefault = !level.isGiven && !version.isGiven;
    return {
      value: { level: asked, version: version.text ?? (isDefault ? missing.version : 'latest') },
      isRead: level.text !== undefined,
    };
  };
  const enforce = modeOf('enforce', 'restricted', privileged);
  const audit = modeOf('audit', 'privileged', privileged);
  // What is enforced is warned of too, where the labels do not say otherwise.
  const warn = modeOf('warn', 'privileged', enforce.isRead ? enforce.value : privileged);
  return { policy: { enforce: enforce.value, audit: audit.value, warn: warn.value }, errors };
}

export function isStricter(a: LevelVersion, b: LevelVersion): boolean {
  return levels.indexOf(a.level) > levels.indexOf(b.level);
}

export function isSame(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}

/** `baseline:latest` */
export function levelText({ level, version }: LevelVersion): string {
  return `${level}:${version}`;
}
