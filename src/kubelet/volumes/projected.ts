/** projected: several sources in one set of files, the service account's token among them. */

import type { VolumeProjection } from '#api/types.gen.ts';
import {
  configMapFiles,
  defaultMode,
  downwardFiles,
  type Files,
  secretFiles,
  writeFiles,
} from './files-volume.ts';
import type { VolumeContext, VolumePlugin } from './volume.ts';

export const projectedVolume: VolumePlugin = {
  field: 'projected',
  async setUp(context, volume) {
    const { sources = [], defaultMode: mode = defaultMode } = volume.projected!;
    const files: Files = new Map();
    for (const source of sources)
      for (const [path, file] of await filesOf(context, source, mode)) files.set(path, file);
    return writeFiles(context, 'projected', volume, files, true);
  },
};

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

/** Only its reader may read it: the one user all containers run as, where they agree on one. */
async function tokenFile(
  context: VolumeContext,
  source: NonNullable<VolumeProjection['serviceAccountToken']>,
  mode: number,
): Promise<Files> {
  const content = Buffer.from(await context.tokens.get(context.pod, source));
  const uid = commonUser(context);
  const grouped = context.pod.spec.securityContext?.fsGroup !== undefined;
  const file = grouped
    ? { content, mode: 0o600 }
    : uid !== undefined
      ? { content, mode: 0o600, uid }
      : { content, mode };
  return new Map([[source.path, file]]);
}

function commonUser({ pod }: VolumeContext): number | undefined {
  const shared = pod.spec.securityContext?.runAsUser;
  const users = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
    (one) => one.securityContext?.runAsUser ?? shared,
  );
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}
