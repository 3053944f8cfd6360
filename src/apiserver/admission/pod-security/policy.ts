/** What the labels of a namespace ask of its pods: a level and a version for each of the three modes. */

import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import type { Level, LevelVersion } from './checks.ts';

export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

export const modes = ['enforce', 'audit', 'warn'] as const;
type Mode = (typeof modes)[number];

/** From the laxest to the strictest. */
const levels: readonly string[] = ['privileged', 'baseline', 'restricted'];
const versionText = /^(?:latest|v1\.(?:\d|[1-9]\d*))$/;
const privileged: LevelVersion = { level: 'privileged', version: 'latest' };

/** Of a cluster without a configuration of its own. */
export const allPrivileged: Policy = { enforce: privileged, audit: privileged, warn: privileged };

export function isLevel(text: string): text is Level {
  return levels.includes(text);
}

export function isVersion(text: string): boolean {
  return versionText.test(text);
}

export const levelRule = `must be one of ${levels.join(', ')}`;
export const versionRule = 'must be "latest" or "v1.x"';

export function labelOf(mode: string): string {
  return `pod-security.kubernetes.io/${mode}`;
}

/**
 * There is always a policy: a level that cannot be read counts as restricted where it is enforced, as
 * privileged elsewhere; a version that cannot be read as the latest.
 */
export function policyOf(
  labels: Readonly<Record<string, string>>,
  defaults: Policy = allPrivileged,
): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const read = (mode: string, isValid: (text: string) => boolean, rule: string) => {
    const text = labels[labelOf(mode)];
    const isBad = text !== undefined && !isValid(text);
    if (isBad) errors.push(invalidValue(`metadata.labels[${labelOf(mode)}]`, text, rule));
    return { text, isBad };
  };
  const modeOf = (mode: Mode) => {
    const level = read(mode, isLevel, levelRule);
    const version = read(`${mode}-version`, isVersion, versionRule);
    const ofBad: Level = mode === 'enforce' ? 'restricted' : 'privileged';
    return {
      level: level.isBad ? ofBad : ((level.text as Level | undefined) ?? defaults[mode].level),
      version: version.isBad ? 'latest' : (version.text ?? defaults[mode].version),
      isRead: level.text !== undefined && !level.isBad,
      hasLevel: level.text !== undefined,
      hasVersion: version.text !== undefined,
    };
  };
  const [enforce, audit, warn] = [modeOf('enforce'), modeOf('audit'), modeOf('warn')];
  // What is enforced is warned of too, where the labels enforce more than they and the defaults warn of.
  if (!warn.hasLevel && enforce.isRead && isStricter(enforce, warn)) {
    warn.level = enforce.level;
    if (!warn.hasVersion) warn.version = enforce.version;
  }
  return { policy: { enforce: bare(enforce), audit: bare(audit), warn: bare(warn) }, errors };
}

function bare({ level, version }: LevelVersion): LevelVersion {
  return { level, version };
}

export function isStricter(a: LevelVersion, b: LevelVersion): boolean {
  return levels.indexOf(a.level) > levels.indexOf(b.level);
}

export function isSame(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}

/** The versions of a mode that allows everything make no difference. */
export function isEquivalent(a: Policy, b: Policy): boolean {
  return modes.every((mode) =>
    a[mode].level === 'privileged' ? b[mode].level === 'privileged' : isSame(a[mode], b[mode]),
  );
}

export function isPrivileged(policy: Policy): boolean {
  return modes.every((mode) => policy[mode].level === 'privileged');
}

/** `baseline:latest` */
export function levelText({ level, version }: LevelVersion): string {
  return `${level}:${version}`;
}
