/** Which container of a pod a log, exec or attach request means when it may leave the name out. */

import type { Pod } from '#api/generated/types.gen.ts';
import { badRequest } from '#api/meta/status.ts';

export function containerFor(pod: Pod, requested: string): string {
  const podName = pod.metadata?.name;
  const containers = pod.spec?.containers ?? [];
  const names = containers.map((container) => container.name);
  const initNames = (pod.spec?.initContainers ?? []).map((container) => container.name);
  const ephemeralNames = (pod.spec?.ephemeralContainers ?? []).map((container) => container.name);
  if (requested !== '') {
    if ([...names, ...initNames, ...ephemeralNames].includes(requested)) return requested;
    throw badRequest(`container ${requested} is not valid for pod ${podName}`);
  }
  if (names.length === 1) return names[0]!;
  if (names.length === 0) throw badRequest(`a container name must be specified for pod ${podName}`);
  let text = `a container name must be specified for pod ${podName}, choose one of: [${names.join(' ')}]`;
  if (initNames.length > 0) text += ` or one of the init containers: [${initNames.join(' ')}]`;
  throw badRequest(text);
}
