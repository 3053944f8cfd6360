/** projected: several sources in one set of files, the service account's token among them. */

import type { VolumeProjection } from '#api/generated/types.gen.ts';
import { allContainers } from '#api/pods/containers.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { VolumeContext } from '../volume.ts';
import {
  configMapFiles,
  defaultMode,
  downwardFiles,
  type Files,
  filesPlugin,
  secretFiles,
} from './files-volume.ts';

const tokenMode = 0o600;

export const projectedVolume = filesPlugin({
  name: 'projected',
  field: 'projected',
  inMemory: true,
  async files(context, volume) {
    const { sources, defaultMode: mode = defaultMode } = volume.projected!;
    const files: Files = new Map();
    for (const source of sources ?? []) {
      for (const [path, file] of await filesOf(context, source, mode)) files.set(path, file);
    }
    return files;
  },
});

async function filesOf(context: VolumeContext, source: VolumeProjection, mode: number): Promise<Files> {
  if (source.configMap) {
    const { name = '', items, optional = false } = source.configMap;
    return configMapFiles(context, { name, items, optional, mode });
  }
  if (source.secret) {
    const { name = '', items, optional = false } = source.secret;
    return secretFiles(context, { name, items, optional, mode });
  }
  if (source.downwardAPI) return downwardFiles(context, source.downwardAPI.items ?? [], mode);
  if (source.serviceAccountToken) return tokenFile(context, source.serviceAccountToken, mode);
  throw new Error(`a projected source of this kind is not supported: ${Object.keys(source).join()}`);
}

async function tokenFile(
  context: VolumeContext,
  source: NonNullable<VolumeProjection['serviceAccountToken']>,
  mode: number,
): Promise<Files> {
  const content = Buffer.from(await context.tokens.get(context.pod, source));
  return new Map([[source.path, { content, ...tokenOwnership(context.pod, mode) }]]);
}

/**
 * Only its readers may read a token: the one user that all containers run as, where they agree on one, and
 * the pod's group, which every file of a volume is made readable for. Without either it is as readable as the
 * volume's other files.
 */
export function tokenOwnership(pod: NodePod, mode: number): { mode: number; uid?: number } {
  const uid = commonUser(pod);
  if (uid !== undefined) return { mode: tokenMode, uid };
  return { mode: pod.spec.securityContext?.fsGroup === undefined ? mode : tokenMode };
}

function commonUser(pod: NodePod): number | undefined {
  const shared = pod.spec.securityContext?.runAsUser;
  const users = allContainers(pod.spec).map((container) => container.securityContext?.runAsUser ?? shared);
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}
