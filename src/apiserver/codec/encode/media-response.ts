/** A parsed answer as JSON (indented on request) or YAML. */

import type { ApiResponse } from '#client/transport/transport.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';
import { jsonResponse, textResponse } from './json-response.ts';
import type { Format } from './negotiate.ts';

export function mediaResponse(
  status: number,
  value: unknown,
  format: Format,
  isPretty: boolean,
): ApiResponse {
  if (format.media === 'yaml') return textResponse(status, toYaml(value), 'application/yaml');
  if (!isPretty) return jsonResponse(status, value);
  return textResponse(status, JSON.stringify(value, undefined, 2), 'application/json');
}
