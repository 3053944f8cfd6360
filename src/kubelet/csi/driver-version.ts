/** Versions of CSI that a driver speaks. Upstream: HighestSupportedVersion of apimachinery/pkg/util/version. */

export interface DriverVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The highest supported version. Throws when it is not 1.x; higher majors are not looked at. */
export function highestVersion(versions: readonly string[]): DriverVersion {
  let highest: DriverVersion | undefined;
  let problem = '<nil>';
  for (const text of versions.toReversed()) {
    const version = parseVersion(text);
    if (!version) problem = `could not parse ${JSON.stringify(text)} as version`;
    else if (version.major <= 1 && (!highest || isLess(highest, version))) highest = version;
  }
  const reported = `[${versions.join(' ')}]`;
  if (!highest) {
    throw new Error(
      `could not find a highest supported version from versions (${reported}) reported: ${problem}`,
    );
  }
  const { major, minor, patch } = highest;
  if (major !== 1) {
    throw new Error(`highest supported version reported is ${major}.${minor}.${patch}, must be v1.x`);
  }
  return highest;
}

export function isLess(a: DriverVersion, b: DriverVersion): boolean {
  return (
    a.major - b.major < 0 ||
    (a.major === b.major && (a.minor < b.minor || (a.minor === b.minor && a.patch < b.patch)))
  );
}

/** Two numbers at least; what stands after the third is not looked at. */
function parseVersion(text: string): DriverVersion | undefined {
  const parts = /^\s*v?(0|[1-9]\d*)\.(\d+)(?:\.(\d+))?/.exec(text);
  return parts
    ? { major: Number(parts[1]), minor: Number(parts[2]), patch: Number(parts[3] ?? 0) }
    : undefined;
}
