/** Which of the three forms of a body its content type names. */

import { type StatusError, unsupportedMediaType } from '#api/meta/status.ts';

export type MediaType = 'json' | 'yaml' | 'protobuf';

export function mediaType(contentType: string | undefined): MediaType {
  const [first = '', ...params] = (contentType ?? '').split(';');
  const type = first.trim().toLowerCase();
  if (type === '') return 'json';
  const media = params.every(isParameter) ? mediaTypes[type] : undefined;
  if (media) return media;
  throw unknownFormat([...textForms, 'application/vnd.kubernetes.protobuf']);
}

const mediaTypes: Readonly<Record<string, MediaType | undefined>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};

/** Go rejects a media type with a malformed parameter as it does an unknown type. */
function isParameter(text: string, index: number, all: readonly string[]): boolean {
  return /^\s*[^\s=;]+=\S+\s*$/.test(text) || (text.trim() === '' && index === all.length - 1);
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
