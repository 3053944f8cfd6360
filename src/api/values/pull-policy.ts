/** The pull policy of a container that names none. */

import { imageTag, parseImageName } from '#base/text/image-name.ts';

/** `Always` for `:latest` and untagged images, else `IfNotPresent`, as for a name that is none. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  if (!image || imageTag(image) !== 'latest') return 'IfNotPresent';
  return typeof parseImageName(image) === 'string' ? 'IfNotPresent' : 'Always';
}
