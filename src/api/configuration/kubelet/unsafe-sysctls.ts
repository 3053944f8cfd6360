/** `allowedUnsafeSysctls`: kernel settings that pods of this node may set besides the safe ones. */

import { ConfigurationError } from '../error.ts';

/** The kernel namespace that a setting belongs to, by the beginning of its name. */
const namespaces = [
  ['kernel.sem', 'ipc'],
  ['kernel.shm', 'ipc'],
  ['kernel.msg', 'ipc'],
  ['fs.mqueue.', 'ipc'],
  ['net.', 'net'],
] as const;
const lengthMax = 253;
const pattern = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]';

export type SysctlNamespace = (typeof namespaces)[number][1];

export interface AllowedSysctl {
  /** With dots. */
  readonly name: string;
  /** `name` is the beginning of the allowed ones. */
  readonly isPrefix: boolean;
  readonly namespace: SysctlNamespace;
}

/** As upstream's `NewAllowlist`. Throws `ConfigurationError`. */
export function readUnsafeSysctls(patterns: readonly string[]): AllowedSysctl[] {
  return patterns.map((text) => {
    if (text.length > lengthMax || !new RegExp(`^${pattern}$`).test(text)) {
      throw invalid(
        `sysctl ${JSON.stringify(text)} must have at most ${lengthMax} characters and match regex ^${pattern}$`,
      );
    }
    const name = dottedSysctl(text.replace(/\*$/, ''));
    const namespace = namespaceOfSysctl(name);
    if (!namespace) throw invalid(`the sysctls ${JSON.stringify(name)} are not known to be namespaced`);
    return { name, isPrefix: text.endsWith('*'), namespace };
  });
}

export function namespaceOfSysctl(name: string): SysctlNamespace | undefined {
  return namespaces.find(([prefix]) => name.startsWith(prefix))?.[1];
}

/** The form with dots: where slashes separate the parts, dots and slashes change places. */
export function dottedSysctl(name: string): string {
  if (/^[^./]*\./.test(name)) return name;
  return name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: ${message}`);
}
