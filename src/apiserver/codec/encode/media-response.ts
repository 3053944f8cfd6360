/** A parsed answer as JSON (indented on request) or YAML. */

import type { ApiResponse } from '#client/transport/transport.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';
import { jsonResponse, rawJsonResponse } from './json-response.ts';
import type { Format } from './negotiate.ts';

const yamlHeaders: Readonly<Record<string, string>> = { 'content-type': 'application/yaml' };

export function mediaResponse(
  status: number,
  value: unknown,
  format: Format,
  isPretty: boolean,
): ApiResponse {
  if (format.media === 'yaml') {
    return { status, headers: yamlHeaders, body: Buffer.from(toYaml(value)) };
  }
  return isPretty ? rawJsonResponse(status, value) : jsonResponse(status, value);
}
