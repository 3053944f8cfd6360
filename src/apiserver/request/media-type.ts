/** Which of the three forms of a body its content type names. */

import { type StatusError, unsupportedMediaType } from '#api/meta/status.ts';

export type MediaType = 'json' | 'yaml' | 'protobuf';

export function mediaType(contentType: string | undefined): MediaType {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === '' || type === 'application/json' || type === 'text/json') return 'json';
  if (type === 'application/yaml' || type === 'text/yaml' || type === 'application/x-yaml') return 'yaml';
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf';
  throw unknownFormat([...textForms, 'application/vnd.kubernetes.protobuf']);
}

const textForms = ['application/json', 'application/yaml'];

/** For a kind that has no protobuf form. */
export function refuseProtobuf(media: MediaType): asserts media is 'json' | 'yaml' {
  if (media === 'protobuf') throw unknownFormat(textForms);
}

function unknownFormat(accepted: readonly string[]): StatusError {
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}
