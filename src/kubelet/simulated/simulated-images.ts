/** Images that exist only in this process: every name but an absent one can be pulled. */

import { type ImageCalls, type ImageRecord, RuntimeError } from '../runtime/runtime.ts';
import { scriptFor } from './script.ts';

const imageBytes = 10_000_000;

export function simulatedImages(): ImageCalls {
  const images = new Map<string, ImageRecord>();
  return {
    listImages: async () => [...images.values()],
    imageStatus: async (reference) => images.get(reference),
    async pullImage(reference) {
      if (scriptFor(reference, '', {}).absent) {
        throw new RuntimeError('NotFound', `failed to pull and unpack image "${reference}": not found`);
      }
      const id = `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0').slice(0, 64)}`;
      const repoDigests = [`${withoutTag(reference)}@${id}`];
      images.set(reference, { id, repoTags: [reference], repoDigests, sizeBytes: imageBytes, pinned: false });
      return id;
    },
    async removeImage(reference) {
      images.delete(reference);
    },
  };
}

function withoutTag(reference: string): string {
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  return colon < 0 ? reference : reference.slice(0, colon);
}
