/** What this server is: Kubernetes' version, and that it is kybern. */

import { buildFacts, kubernetesVersion } from '#base/version.ts';
import { architecture } from '#host/kernel/architecture.ts';

const gitVersion = `${kubernetesVersion}+kybern`;

export function versionInfo(): Record<string, string> {
  return {
    major: '1',
    minor: '36',
    emulationMajor: '1',
    emulationMinor: '36',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion,
    gitCommit: buildFacts.commit,
    gitTreeState: buildFacts.treeState,
    buildDate: buildFacts.date,
    goVersion: `node${process.version.slice(1)}`,
    compiler: 'none',
    platform: `${process.platform}/${architecture}`,
  };
}
